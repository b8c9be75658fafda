// Where the focus is, and whether it is to be seen there.
import type { Page } from 'playwright';

type Watching = { focusWatch?: { element: Element; look: () => string; focused: string; html: string } };

/** Looks at the element that has the focus now, and says of the one that had it before whether losing it was to be seen. */
export function followFocus(page: Page): Promise<{ at: string | null; unseen: string | null }> {
  return page.evaluate(() => {
    const kept = globalThis as Watching;
    const before = kept.focusWatch;
    // A date has several stops inside; it is compared when the whole field is left.
    const left = before !== undefined && before.element !== document.activeElement;
    const unseen = left && before.look() === before.focused ? before.html : null;
    delete kept.focusWatch;
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return { at: null, unseen };
    // The ring may be on a wrapper; that of a hidden radio button or check mark is on what stands in for it.
    const standIns = element.matches('[type="radio"], [type="checkbox"]') ? [...(element.parentElement?.children ?? [])] : [];
    const wrapper = element.closest('.mantine-PillsInput-input, .mantine-TagsInput-input');
    const boxes = [element, element.parentElement, wrapper, ...standIns].filter((box) => box instanceof HTMLElement);
    for (const box of boxes) box.style.transition = 'none';
    const look = () =>
      boxes
        .map((box) => {
          const { outline, boxShadow, borderColor, backgroundColor } = getComputedStyle(box);
          return [outline, boxShadow, borderColor, backgroundColor].join(' ');
        })
        .join();
    kept.focusWatch = { element, look, focused: look(), html: element.outerHTML.slice(0, 200) };
    return { at: `${element.tagName} ${element.id} ${element.getAttribute('aria-label') ?? element.textContent.slice(0, 60)}`, unseen };
  });
}
