// A question to a server that failed: why, the chance to ask again, and the way out where it is only the stopped sample.
import { Button, Stack } from '@mantine/core';
import type { ErrorReport } from '../../shared/errors.ts';
import { ErrorNotice } from '../ui/Notice.tsx';
import { StartSampleHint } from './StartSampleHint.tsx';

export function ServerFailure({ error, profileId, retry }: { error: ErrorReport; profileId: string; retry: () => void }) {
  return (
    <Stack gap="sm">
      <ErrorNotice
        error={error}
        action={
          <Button variant="default" onClick={retry}>
            Try again
          </Button>
        }
      />
      <StartSampleHint error={error} profileId={profileId} onStarted={retry} />
    </Stack>
  );
}
