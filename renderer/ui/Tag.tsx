import type { ReactNode } from 'react';
import styles from './ui.module.css';

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'neutral';

export function Tag({ tone, children, title }: { tone: Tone | 'production'; children: ReactNode; title?: string }) {
  return (
    <span className={`${styles['tag']} ${styles[tone]}`} title={title}>
      {children}
    </span>
  );
}

const statusTones: Record<string, Tone> = {
  succeeded: 'ok',
  running: 'info',
  queued: 'neutral',
  failed: 'bad',
  interrupted: 'bad',
  cancelled: 'neutral',
};

export function StatusTag({ status }: { status: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'interrupted' }) {
  return <Tag tone={statusTones[status] ?? 'neutral'}>{status}</Tag>;
}
