// A restore that was started from here: its progress, then its result and the ways back.
import { Button, Group, Stack } from '@mantine/core';
import { useEffect } from 'react';
import { api } from '../api.ts';
import { catalogChanged, useApp } from '../app/store.ts';
import { FollowedState } from '../jobs/FollowedState.tsx';
import { useInSight } from '../jobs/watched.ts';
import { go } from '../navigation.ts';
import { usePreview } from '../previews/store.ts';
import { useLoad } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { Section } from '../ui/PageFrame.tsx';
import { RestoreOutcome } from './RestoreOutcome.tsx';
import { useRestore, type Previewed } from './store.ts';

export function RestoreRun({ restoreId, jobId, after }: { restoreId: string; jobId: string; after: Previewed | null }) {
  const catalog = useApp((state) => state.catalog);
  const [restore, again] = useLoad(restoreId, () => api.restores.get({ id: restoreId }), catalog);
  useInSight(jobId);
  const { reset, previewAgain } = useRestore();
  const outcome = restore.status === 'ready' ? restore.value : null;
  const ended = outcome !== null && outcome.status !== 'running';
  // What was staged for the preview has done its work: the server need not keep it.
  useEffect(() => {
    if (ended) usePreview.getState().close();
  }, [ended]);
  const mayPreview =
    after !== null && outcome !== null && (outcome.dryRun || outcome.status === 'failed' || outcome.status === 'cancelled');
  return (
    <Stack gap="md" maw={900}>
      <Loaded of={restore} what="the restore" retry={again}>
        {(value) => (
          <>
            <Section title={`Restore into ${value.database}`}>
              {value.status === 'running' ? (
                <FollowedState jobId={jobId} onEnded={catalogChanged} />
              ) : (
                <RestoreOutcome restore={value} predicted={after?.predicted ?? null} />
              )}
            </Section>
            <Group gap="xs">
              {mayPreview && <Button onClick={() => previewAgain(after)}>Preview again</Button>}
              <Button variant="default" onClick={() => go('activity', jobId)}>
                Details and log
              </Button>
              {value.status !== 'running' && (
                <Button variant="default" onClick={reset}>
                  Restore something else
                </Button>
              )}
            </Group>
          </>
        )}
      </Loaded>
    </Stack>
  );
}
