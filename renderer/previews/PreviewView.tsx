// A preview from its first second to its verdict, in place of the form it was asked from.
import { Button, Group, Loader, Stack } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { assertNever } from '../../shared/errors.ts';
import { FollowedState } from '../jobs/FollowedState.tsx';
import { go } from '../navigation.ts';
import { ErrorNotice } from '../ui/Notice.tsx';
import { Scroll, Section } from '../ui/PageFrame.tsx';
import { Report } from './Report.tsx';
import { usePreview, type PreviewStage } from './store.ts';
import { BackToTarget, PreviewAgain } from './WaysOn.tsx';

export function PreviewView() {
  const stage = usePreview((state) => state.stage);
  const look = usePreview((state) => state.look);
  // It may have ended, or been dropped, while the page was elsewhere.
  useEffect(look, [look]);
  switch (stage.status) {
    case 'none':
      return null;
    case 'starting':
      return (
        <Running stage={stage}>
          <Group gap="xs" role="status" c="dimmed">
            <Loader size="xs" aria-hidden />
            <span>Starting…</span>
          </Group>
        </Running>
      );
    case 'running':
      return (
        <Running stage={stage}>
          <FollowedState key={stage.jobId} jobId={stage.jobId} onEnded={look} />
        </Running>
      );
    case 'failed':
      return (
        <Scroll>
          <Stack gap="md" maw={900}>
            <ErrorNotice error={stage.error} />
            <Group gap="xs">
              <BackToTarget />
              <PreviewAgain />
            </Group>
          </Stack>
        </Scroll>
      );
    case 'ready':
      return <Report key={stage.id} stage={stage} />;
    default:
      return assertNever(stage);
  }
}

type Active = Extract<PreviewStage, { status: 'starting' | 'running' }>;

function Running({ stage, children }: { stage: Active; children: ReactNode }) {
  return (
    <Scroll>
      <Stack gap="md" maw={900}>
        <Section title={`Comparing with ${stage.wanted.database}`}>
          <Stack gap="sm">
            {children}
            <div className="dim wrap">
              The rows of {stage.name} are put beside the live tables and compared there. Nothing that exists is changed. You may leave this
              page meanwhile.
            </div>
          </Stack>
        </Section>
        <Group gap="xs">
          <BackToTarget />
          {stage.status === 'running' && (
            <Button variant="default" onClick={() => go('activity', stage.jobId)}>
              Details and log
            </Button>
          )}
        </Group>
      </Stack>
    </Scroll>
  );
}
