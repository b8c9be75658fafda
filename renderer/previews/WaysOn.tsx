// Out of a preview, or into a fresh one.
import { Button } from '@mantine/core';
import { IconArrowLeft, IconRefresh } from '@tabler/icons-react';
import { runOf, usePreview } from './store.ts';

/** Gives the preview up: what was staged is dropped. */
export function BackToTarget() {
  const close = usePreview((state) => state.close);
  return (
    <Button variant="default" leftSection={<IconArrowLeft size={15} />} onClick={close}>
      Back to the target
    </Button>
  );
}

/** The same request once more; the strategies that were chosen stay. */
export function PreviewAgain({ primary = false }: { primary?: boolean }) {
  const { stage, start } = usePreview();
  return (
    <Button
      variant={primary ? 'filled' : 'default'}
      leftSection={<IconRefresh size={15} />}
      onClick={() => stage.status !== 'none' && start(runOf(stage))}
    >
      Preview again
    </Button>
  );
}
