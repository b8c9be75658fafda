import { Button, Group, Modal, Stack } from '@mantine/core';
import { useEffect } from 'react';
import { isDesktop } from '../host.ts';
import { answerLeaving, useNavigation } from '../navigation.ts';

/** Leaving a form with unsaved edits: never in silence. */
export function UnsavedDialog() {
  const { unsaved, wanted } = useNavigation();
  useEffect(() => {
    // A window of Electron would simply not close: it shows no question of its own.
    if (!unsaved || isDesktop()) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [unsaved]);
  if (wanted === null) return null;
  return (
    <Modal opened onClose={() => answerLeaving(false)} title="Leave without saving?" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap="md">
        <div>Something was changed here, and the changes are not saved yet.</div>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => answerLeaving(false)} data-autofocus>
            Keep editing
          </Button>
          <Button color="red" onClick={() => answerLeaving(true)}>
            Discard the changes
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
