// Restore: choose, look, aim, confirm; and what was restored before.
import { Button, Group, Loader, Progress, Stack, Tabs } from '@mantine/core';
import { go, useNavigation } from '../navigation.ts';
import { usePreview } from '../previews/store.ts';
import { PreviewView } from '../previews/PreviewView.tsx';
import { bytes, percent } from '../ui/format.ts';
import { ErrorNotice } from '../ui/Notice.tsx';
import { PageFrame, Scroll } from '../ui/PageFrame.tsx';
import { Draft } from './Draft.tsx';
import { History } from './History.tsx';
import { RestoreRun } from './RestoreRun.tsx';
import styles from './restores.module.css';
import { SourcePicker } from './SourcePicker.tsx';
import { useRestore, type Chosen } from './store.ts';

export function RestorePage() {
  const { id } = useNavigation();
  const { chosen, reset } = useRestore();
  const previewing = usePreview((state) => state.stage.status !== 'none') && chosen.status === 'inspected';
  const history = id !== null;
  return (
    <PageFrame
      title="Restore"
      subtitle={history ? '' : subtitleOf(chosen)}
      actions={
        !history &&
        chosen.status !== 'none' && (
          <Button variant="default" onClick={reset}>
            Choose another dump
          </Button>
        )
      }
    >
      <Tabs
        value={history ? 'history' : 'new'}
        onChange={(tab) => go('restore', tab === 'history' ? 'history' : null)}
        className={styles['tabs'] ?? ''}
      >
        <Tabs.List px={20}>
          <Tabs.Tab value="new">New restore</Tabs.Tab>
          <Tabs.Tab value="history">History</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="new" className={styles['panel'] ?? ''}>
          {previewing ? (
            <PreviewView />
          ) : (
            <Scroll>
              <Current chosen={chosen} />
            </Scroll>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="history" className={styles['panel'] ?? ''}>
          <History openId={id === 'history' ? null : id} />
        </Tabs.Panel>
      </Tabs>
    </PageFrame>
  );
}

function subtitleOf(chosen: Chosen): string {
  if (chosen.status === 'none') return 'Nothing is restored before you confirm the target by name';
  return chosen.status === 'inspected' ? `${chosen.name} · ${bytes(chosen.dump.sizeBytes)}` : chosen.name;
}

function Current({ chosen }: { chosen: Chosen }) {
  const { choose } = useRestore();
  switch (chosen.status) {
    case 'none':
      return <SourcePicker />;
    case 'receiving':
      return (
        <Stack gap="xs" maw={560} role="status">
          <span>
            Taking in <span className="mono">{chosen.name}</span>… {percent(chosen.fraction)}
          </span>
          <Progress value={chosen.fraction * 100} aria-label="Upload" />
        </Stack>
      );
    case 'inspecting':
      return (
        <Group gap="xs" role="status">
          <Loader size="xs" aria-hidden />
          <span>
            Looking into <span className="mono">{chosen.name}</span>. Nothing in it is run.
          </span>
        </Group>
      );
    case 'failed': {
      const { source, name } = chosen;
      return (
        <Stack gap="md">
          <ErrorNotice
            error={chosen.error}
            action={
              source !== null && (
                <Button variant="default" onClick={() => choose(source, name)}>
                  Look again
                </Button>
              )
            }
          />
          <SourcePicker />
        </Stack>
      );
    }
    case 'inspected':
      return <Draft key={`${chosen.source.kind} ${chosen.source.id}`} chosen={chosen} />;
    case 'started':
      return <RestoreRun restoreId={chosen.restoreId} jobId={chosen.jobId} after={chosen.after} />;
  }
}
