import type { CSSProperties, ReactNode, Ref } from 'react';

/** A box that scrolls and can be scrolled by keyboard alone. */
export function ScrollRegion({
  label,
  role = 'group',
  className,
  style,
  ref,
  onScroll,
  children,
}: {
  label: string;
  role?: 'group' | 'log';
  className: string | undefined;
  style?: CSSProperties;
  ref?: Ref<HTMLDivElement>;
  onScroll?: () => void;
  children: ReactNode;
}) {
  return (
    <div
      ref={ref}
      role={role}
      aria-label={label}
      aria-live="off"
      // Without a tab stop the keyboard could not reach what is scrolled out of sight (WCAG 2.1.1).
      tabIndex={0}
      className={className}
      style={style}
      onScroll={onScroll}
    >
      {children}
    </div>
  );
}
