// One shape a state, so that colour is never all there is to tell them apart.
import type { ShownState } from './items.ts';
import styles from './calendar.module.css';

const ring = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.7 };

/** `percent` (0 to 100) fills the shape of a running one. Decoration only: the words stand beside it. */
export function StateIcon({ state, percent, size = 14 }: { state: ShownState; percent?: number | null; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden
      focusable="false"
      className={`${styles['icon']} ${styles[`state-${state}`] ?? ''}`}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <Shape state={state} percent={percent ?? null} />
    </svg>
  );
}

function Shape({ state, percent }: { state: ShownState; percent: number | null }) {
  switch (state) {
    case 'planned':
      return <circle cx="8" cy="8" r="6" {...ring} />;
    case 'running':
      return (
        <>
          <circle cx="8" cy="8" r="6.2" {...ring} />
          <path d={pie(percent ?? 50)} fill="currentColor" />
        </>
      );
    case 'succeeded':
      return (
        <>
          <circle cx="8" cy="8" r="7" fill="currentColor" />
          <path d="M4.8 8.3l2.2 2.2 4.2-4.7" fill="none" stroke="var(--mantine-color-body)" strokeWidth="1.9" />
        </>
      );
    case 'caught-up':
      return (
        <>
          <path d="M13.6 6.2A6 6 0 1 1 11 2.8" {...ring} />
          <path d="M10.6 0.6l0.7 2.5-2.5 0.7" {...ring} strokeWidth={1.5} />
          <path d="M5.2 8.2l2 2 3.8-4.2" {...ring} strokeWidth={1.9} />
        </>
      );
    case 'failed':
      return (
        <>
          <path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" fill="currentColor" />
          <path d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2" fill="none" stroke="var(--mantine-color-body)" strokeWidth="1.9" />
        </>
      );
    case 'missed':
      return (
        <>
          <circle cx="8" cy="8" r="6.2" {...ring} strokeDasharray="2.6 2.9" strokeLinecap="butt" />
          <path d="M4.8 8h6.4" {...ring} strokeWidth={2.2} />
        </>
      );
    case 'skipped':
    case 'to-skip':
      return (
        <>
          <circle cx="8" cy="8" r="6" {...ring} {...(state === 'to-skip' ? { strokeDasharray: '1 2.4' } : {})} />
          <path d="M3.8 12.2L12.2 3.8" {...ring} />
        </>
      );
    case 'cancelled':
      return <rect x="2.6" y="2.6" width="10.8" height="10.8" rx="1.5" {...ring} fill="currentColor" fillOpacity="0.25" />;
  }
}

/** A slice from twelve o'clock on. */
function pie(percent: number): string {
  const share = Math.min(Math.max(percent, 4), 99.9) / 100;
  const angle = share * 2 * Math.PI;
  const x = 8 + 4.4 * Math.sin(angle);
  const y = 8 - 4.4 * Math.cos(angle);
  return `M8 8V3.6A4.4 4.4 0 ${share > 0.5 ? 1 : 0} 1 ${x.toFixed(2)} ${y.toFixed(2)}z`;
}
