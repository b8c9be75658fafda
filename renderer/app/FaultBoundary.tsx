import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import type { ErrorReport } from '../../shared/errors.ts';
import { errorReport } from '../errors.ts';
import { ErrorNotice } from '../ui/Notice.tsx';
import { Scroll } from '../ui/PageFrame.tsx';

/** A fault in one page must not blank the window: jobs go on, and the other pages stay reachable. */
export class FaultBoundary extends Component<{ children: ReactNode }, { error: ErrorReport | null }> {
  override state: { error: ErrorReport | null } = { error: null };

  static getDerivedStateFromError(thrown: unknown): { error: ErrorReport } {
    return { error: errorReport(thrown) };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <Scroll>
        <ErrorNotice
          error={this.state.error}
          action={
            <Button variant="default" onClick={() => this.setState({ error: null })}>
              Show the page again
            </Button>
          }
        />
      </Scroll>
    );
  }
}
