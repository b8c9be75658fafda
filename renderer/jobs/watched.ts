// Jobs that are in sight right now: how they end need not be announced again.
import { useEffect } from 'react';

const inSight = new Map<string, number>();

export function useInSight(jobId: string): void {
  useEffect(() => {
    inSight.set(jobId, (inSight.get(jobId) ?? 0) + 1);
    return () => {
      const left = (inSight.get(jobId) ?? 1) - 1;
      if (left === 0) inSight.delete(jobId);
      else inSight.set(jobId, left);
    };
  }, [jobId]);
}

export function isInSight(jobId: string): boolean {
  return inSight.has(jobId) && document.visibilityState === 'visible';
}
