import { Button, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { api } from '../api.ts';
import { catalogChanged, useApp } from '../app/store.ts';
import { FollowedState } from '../jobs/FollowedState.tsx';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { useAction, useLoad } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { ErrorNotice, Notice } from '../ui/Notice.tsx';
import { Section } from '../ui/PageFrame.tsx';

/** The throw-away server for trying things out: start it, start it again, take it away. */
export function SampleDatabase() {
  const catalog = useApp((state) => state.catalog);
  const [state, again] = useLoad('sample', () => api.sample.state(), catalog);
  const [jobId, setJobId] = useState<string | null>(null);
  const [removing, setRemoving] = useState(false);
  const { doing, run } = useAction();
  const start = () => run(async () => setJobId((await api.sample.start()).jobId));
  return (
    <Section title="Sample database">
      <Stack gap="sm">
        <Loaded of={state} what="the sample" retry={again}>
          {(value) =>
            value.status === 'unavailable' ? (
              <Notice tone="info" title={value.reason}>
                {value.hint}
              </Notice>
            ) : (
              <Group gap="xs">
                <span style={{ flex: 1 }}>
                  {value.status === 'absent' && 'A throw-away PostgreSQL with a small shop in it, for trying things out.'}
                  {value.status === 'stopped' && 'It exists, and is stopped.'}
                  {value.status === 'running' && `It is running on port ${value.port}.`}
                </span>
                {value.status !== 'running' && (
                  <Button variant="default" loading={doing.status === 'busy'} onClick={start}>
                    {value.status === 'absent' ? 'Create the sample database' : 'Start the sample database'}
                  </Button>
                )}
                {value.status !== 'absent' && (
                  <Button variant="subtle" color="red" onClick={() => setRemoving(true)}>
                    Remove the sample…
                  </Button>
                )}
              </Group>
            )
          }
        </Loaded>
        {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
        {jobId !== null && <FollowedState key={jobId} jobId={jobId} onEnded={catalogChanged} />}
      </Stack>
      {removing && (
        <ConfirmDialog
          title="Remove the sample database?"
          action="Remove the sample"
          typed={null}
          onClose={() => setRemoving(false)}
          onConfirm={async () => {
            await api.sample.remove();
            setJobId(null);
            catalogChanged();
          }}
        >
          <div>Its server is stopped, its folder and its profile are removed. Backups made of it stay.</div>
        </ConfirmDialog>
      )}
    </Section>
  );
}
