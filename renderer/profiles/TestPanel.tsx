import { Stack } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { ConnectionTest } from '../../shared/contract/profiles.ts';
import { StartSampleHint } from '../sample/StartSampleHint.tsx';
import { Facts } from '../ui/Facts.tsx';
import { bytes, count, plural } from '../ui/format.ts';
import type { Loadable } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Section } from '../ui/PageFrame.tsx';
import { Tag } from '../ui/Tag.tsx';

/** What the server said when asked. */
export function TestPanel({ test, profileId, again }: { test: Loadable<ConnectionTest>; profileId: string | null; again: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  // The button is at the foot of the page, the answer between the fields: bring it into sight.
  useEffect(() => {
    if (test.status !== 'loading') box.current?.scrollIntoView({ block: 'nearest' });
  }, [test]);
  return (
    <div ref={box}>
      <Section title="Connection test" actions={test.status === 'ready' && <Tag tone="ok">✓ connected</Tag>}>
        <div aria-live="polite">
          <Loaded of={test} what="the server’s answer">
            {(value) => <Answer test={value} />}
          </Loaded>
          {test.status === 'failed' && profileId !== null && (
            <div style={{ marginTop: 10 }}>
              <StartSampleHint error={test.error} profileId={profileId} onStarted={again} />
            </div>
          )}
        </div>
      </Section>
    </div>
  );
}

function Answer({ test }: { test: ConnectionTest }) {
  const { rights } = test;
  const granted = [
    rights.superuser ? 'superuser' : null,
    rights.createDatabase ? 'may create databases' : null,
    rights.createRole ? 'may create roles' : null,
    rights.bypassRowSecurity ? 'bypasses row security' : null,
    rights.ownsDatabase ? 'owns the database' : null,
  ].filter((right) => right !== null);
  return (
    <Stack gap="sm">
      <Facts
        facts={{
          Server: `PostgreSQL ${test.serverVersion}`,
          Database: (
            <span>
              <span className="mono">{test.database}</span>, {bytes(test.databaseSizeBytes)}
            </span>
          ),
          User: <span className="mono">{test.user}</span>,
          Rights: granted.length === 0 ? 'no special rights' : granted.join(', '),
          'Round trip': `${test.latencyMs < 10 ? test.latencyMs.toFixed(1) : Math.round(test.latencyMs)} ms`,
          Encrypted: test.encrypted ? 'yes' : 'no',
          'Client tools': test.client === null ? null : `PostgreSQL ${test.client.version}, ${test.client.directory}`,
        }}
      />
      {test.clientProblem !== null && (
        <Notice tone="bad" title="No client tools fit this server">
          {test.clientProblem}
        </Notice>
      )}
      {!test.rights.createDatabase && !test.rights.superuser && (
        <Notice tone="info">
          This user may not create databases: deep checks and restoring beside the live database need that right (CREATEDB).
        </Notice>
      )}
      {rights.unreadableTables.length > 0 && (
        <Notice
          tone="warn"
          title={`${plural(rights.unreadableTables.length, 'table')} cannot be read by this user: a full backup would fail`}
        >
          <span className="mono wrap">
            {rights.unreadableTables
              .slice(0, 12)
              .map((table) => `${table.schema}.${table.table}`)
              .join(', ')}
            {rights.unreadableTables.length > 12 && ` and ${count(rights.unreadableTables.length - 12)} more`}
          </span>
        </Notice>
      )}
    </Stack>
  );
}
