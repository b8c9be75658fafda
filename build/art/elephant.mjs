// The drawing that every icon is made of: an elephant carrying a howdah, on a 512 × 512 grid.

/** `body`, `seat` and `cloth` are colours; `ink` is what is seen through (ear line, eye). */
export function elephant({ body, seat, cloth, ink, detailed }) {
  const details = detailed
    ? `<path d="M352 214c26-4 46 18 44 50s-26 52-48 40-30-86 4-90z" fill="${body}" stroke="${ink}" stroke-width="9"/>
       <circle cx="412" cy="240" r="8" fill="${ink}"/>
       <path d="M404 292c4 18 16 28 34 28" fill="none" stroke="${seat}" stroke-width="13" stroke-linecap="round"/>`
    : '';
  return `
    <g>
      <path d="M108 262c-20 18-24 46-18 74" fill="none" stroke="${body}" stroke-width="15" stroke-linecap="round"/>
      <path d="M104 300c0-50 36-82 92-82h150c14-20 34-30 58-28 34 2 56 28 58 62 2 40 0 74 6 98 4 14 14 14 20 2 6-10 24-4 20 10-8 28-28 40-48 34-28-8-36-44-38-82-8 4-20 6-30 6-2 12-6 24-12 34v72c0 12-8 18-18 18h-36c-10 0-18-6-18-18v-46H192v46c0 12-8 18-18 18h-36c-10 0-18-6-18-18v-66c-10-18-16-38-16-60z" fill="${body}"/>
      ${details}
      <path d="M162 214h134l-10 82c-12 10-22 10-32 0-10 10-22 10-32 0-10 10-22 10-32 0-8 8-14 8-20 4z" fill="${cloth}"/>
      <path d="M150 172h158c6 0 10 4 10 10v26c0 8-6 14-14 14H154c-8 0-14-6-14-14v-26c0-6 4-10 10-10z" fill="${seat}"/>
      <path d="M160 110h16v70h-16zM282 110h16v70h-16z" fill="${seat}"/>
      <path d="M136 118c8-48 46-76 93-76s85 28 93 76c1 6-3 10-9 10H145c-6 0-10-4-9-10z" fill="${seat}"/>
      <circle cx="229" cy="34" r="14" fill="${seat}"/>
    </g>`;
}

/** The application's icon: a rounded tile as on macOS and in launchers. */
export function tile() {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">
  <defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#3b5bdb"/><stop offset="1" stop-color="#1c2f7a"/></linearGradient></defs>
  <rect x="24" y="24" width="464" height="464" rx="104" fill="url(#sky)"/>
  <g transform="translate(29 72) scale(.82)">${elephant({ body: '#f1f3f5', seat: '#ffc34d', cloth: '#e8590c', ink: '#1c2f7a', detailed: true })}</g>
</svg>`;
}

const badges = { running: '#228be6', attention: '#e03131', paused: '#868e96' };

const glyphs = {
  attention: '<path d="M390 346h24l-4 74h-16zM402 436a14 14 0 1 0 .1 0z"/>',
  paused: '<path d="M362 356h26v92h-26zM416 356h26v92h-26z"/>',
};

/** A tray image: the bare animal, with a dot where there is something to say. A template has one colour: its sign is cut out of the dot. */
export function trayImage(state, { template }) {
  const colour = template ? '#000000' : '#8c9bea';
  const seat = template ? '#000000' : '#f2a93b';
  const badge = badges[state];
  const glyph = glyphs[state] ?? '';
  const dot = badge === undefined ? '' : `<circle cx="402" cy="402" r="98" fill="${template ? '#000000' : badge}" mask="url(#sign)"/>`;
  const hole = badge === undefined ? '' : 'mask="url(#hole)"';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">
  <mask id="hole"><rect width="512" height="512" fill="#fff"/><circle cx="402" cy="402" r="128" fill="#000"/></mask>
  <mask id="sign"><rect width="512" height="512" fill="#fff"/>${template ? `<g fill="#000">${glyph}</g>` : ''}</mask>
  <g ${hole}><g transform="translate(-40 22)">${elephant({ body: colour, seat, cloth: seat, ink: 'none', detailed: false })}</g></g>${dot}${template ? '' : `<g fill="#fff">${glyph}</g>`}
</svg>`;
}
