// The last question before something that cannot be taken back: names its target, and asks to type it where that matters.
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { ErrorReport } from '../../shared/errors.ts';
import { useAction } from './loadable.ts';
import { ErrorNotice } from './Notice.tsx';

export function ConfirmDialog({
  title,
  children,
  action,
  typed,
  danger = true,
  actionFor,
  onConfirm,
  onClose,
}: {
  title: string;
  children: ReactNode;
  /** The button's words; they name the target. */
  action: string;
  /** What has to be typed before the button works; null: a click is enough. */
  typed: { what: string; value: string } | null;
  danger?: boolean;
  /** A way on where it failed. */
  actionFor?: (error: ErrorReport) => ReactNode;
  /** Closes by itself when this resolves. */
  onConfirm: () => Promise<void>;
  onClose: () => void;
}) {
  const [text, setText] = useState('');
  const { doing, run } = useAction();
  const ready = typed === null || text === typed.value;
  const confirm = () =>
    run(async () => {
      await onConfirm();
      onClose();
    });
  return (
    <Modal opened onClose={onClose} title={title} size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && doing.status !== 'busy') confirm();
        }}
      >
        <Stack gap="sm">
          {children}
          {typed !== null && (
            <TextInput
              label={
                <>
                  Type <span className="mono wrap">{typed.value}</span> to confirm
                </>
              }
              aria-label={`Type the ${typed.what} to confirm`}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
            />
          )}
          {doing.status === 'failed' && <ErrorNotice error={doing.error} action={actionFor?.(doing.error)} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              color={danger ? 'red' : 'slate'}
              disabled={!ready}
              loading={doing.status === 'busy'}
              maw="70%"
              title={action}
            >
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
