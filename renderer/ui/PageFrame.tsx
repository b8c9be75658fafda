import type { ReactNode } from 'react';
import styles from './ui.module.css';

/** Header with the page's name and main actions, and what is below it. */
export function PageFrame({
  title,
  subtitle,
  actions,
  children,
}: {
  title: string;
  subtitle?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className={styles['frame']}>
      <header className={styles['head']}>
        <h1>{title}</h1>
        <div className={`${styles['subtitle']} cut`}>{subtitle}</div>
        {actions}
      </header>
      <div className={styles['body']}>{children}</div>
    </div>
  );
}

export function Scroll({ children }: { children: ReactNode }) {
  return <div className={styles['scroll']}>{children}</div>;
}

export function Section({
  title,
  actions,
  children,
  flush = false,
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
  flush?: boolean;
}) {
  return (
    <section className={styles['section']} aria-label={title}>
      <div className={styles['sectionHead']}>
        <h2>{title}</h2>
        {actions}
      </div>
      <div className={flush ? undefined : styles['sectionBody']}>{children}</div>
    </section>
  );
}

/** Nothing here yet: says what would be, and how to get it. */
export function Empty({ icon, title, children, actions }: { icon?: ReactNode; title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className={styles['empty']}>
      {icon}
      <h2>{title}</h2>
      {children}
      {actions !== undefined && <div className={styles['emptyActions']}>{actions}</div>}
    </div>
  );
}
