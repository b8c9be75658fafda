import { Button, Group, Loader } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Loadable } from './loadable.ts';
import { ErrorNotice } from './Notice.tsx';

/** Shows a loadable: a quiet loader, the error with a way to try again, or what came. */
export function Loaded<T>({
  of,
  what,
  retry,
  children,
}: {
  of: Loadable<T>;
  what: string;
  retry?: () => void;
  children: (value: T) => ReactNode;
}) {
  switch (of.status) {
    case 'loading':
      return (
        <Group gap="xs" p="sm" role="status" c="dimmed">
          <Loader size="xs" aria-hidden />
          <span>Loading {what}…</span>
        </Group>
      );
    case 'failed':
      return (
        <ErrorNotice
          error={of.error}
          action={
            retry === undefined ? undefined : (
              <Button variant="default" onClick={retry}>
                Try again
              </Button>
            )
          }
        />
      );
    case 'ready':
      return children(of.value);
  }
}
