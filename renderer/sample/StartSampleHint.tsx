// The sample server stops with Howdah; where a connection to it fails for that reason, it can be started on the spot.
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ErrorReport } from '../../shared/errors.ts';
import { api } from '../api.ts';
import { FollowedState } from '../jobs/FollowedState.tsx';
import { useAction, useLoad } from '../ui/loadable.ts';
import { ErrorNotice, Notice } from '../ui/Notice.tsx';

/** Nothing, unless `error` is a failed connection to the stopped sample. `onStarted`: it can be tried again. */
export function StartSampleHint({ error, profileId, onStarted }: { error: ErrorReport; profileId: string; onStarted: () => void }) {
  const asked = error.code === 'CONNECTION_FAILED' || error.code === 'CONNECTION_LOST';
  const [state] = useLoad(asked ? profileId : null, () => api.sample.state());
  const [jobId, setJobId] = useState<string | null>(null);
  const { doing, run } = useAction();
  if (!asked || state.status !== 'ready' || state.value.status !== 'stopped' || state.value.profileId !== profileId) return null;
  return (
    <Notice tone="info" title="This is the sample database, and it is stopped">
      {jobId === null ? (
        <Button mt={6} loading={doing.status === 'busy'} onClick={() => run(async () => setJobId((await api.sample.start()).jobId))}>
          Start the sample database
        </Button>
      ) : (
        <FollowedState
          jobId={jobId}
          onEnded={(job) => {
            if (job.status === 'succeeded') onStarted();
          }}
        />
      )}
      {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
    </Notice>
  );
}
