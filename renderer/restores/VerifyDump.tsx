import { Button, Group, Stack } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import type { DumpSource } from '../../shared/contract/common.ts';
import { api } from '../api.ts';
import { catalogChanged } from '../app/store.ts';
import { FollowedState } from '../jobs/FollowedState.tsx';
import { useAction } from '../ui/loadable.ts';
import { ErrorNotice } from '../ui/Notice.tsx';

/** Reads the whole dump once: looking at its contents alone cannot tell whether it is sound. */
export function VerifyDump({ source }: { source: DumpSource }) {
  const [jobId, setJobId] = useState<string | null>(null);
  const { doing, run } = useAction();
  return (
    <Stack gap="sm">
      <Group>
        <Button
          variant="default"
          leftSection={<IconShieldCheck size={15} />}
          loading={doing.status === 'busy'}
          onClick={() => run(async () => setJobId((await api.backups.verify({ source })).jobId))}
        >
          Verify it to the end
        </Button>
      </Group>
      {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
      {jobId !== null && <FollowedState key={jobId} jobId={jobId} onEnded={catalogChanged} whole />}
    </Stack>
  );
}
