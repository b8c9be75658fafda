// What a dump holds, found by reading it; nothing in it has been run.
import { Radio, Stack, Tabs } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { DumpSource, TableName } from '../../shared/contract/common.ts';
import type { Dump, DumpProblem } from '../../shared/contract/dumps.ts';
import { Facts } from '../ui/Facts.tsx';
import { bytes, count, dateTime, plural } from '../ui/format.ts';
import { Notice } from '../ui/Notice.tsx';
import { Section } from '../ui/PageFrame.tsx';
import { Tag } from '../ui/Tag.tsx';
import { tableKey, TablePicker } from '../ui/TablePicker.tsx';
import { DumpRowsDrawer } from './DumpRows.tsx';
import { ObjectsTree } from './ObjectsTree.tsx';
import type { TargetForm } from './request.ts';
import styles from './restores.module.css';
import { VerifyDump } from './VerifyDump.tsx';

export function DumpView({
  source,
  dump,
  form,
  patch,
}: {
  source: DumpSource;
  dump: Dump;
  form: TargetForm;
  patch: (change: Partial<TargetForm>) => void;
}) {
  const [looking, setLooking] = useState<TableName | null>(null);
  const withRows = useMemo(() => new Set(dump.tables.filter((table) => table.hasData).map(tableKey)), [dump]);
  const blockers = dump.problems.filter((problem) => problem.severity === 'blocker');
  const warnings = dump.problems.filter((problem) => problem.severity === 'warning');
  return (
    <Section title="What is in it" actions={<Complete complete={dump.complete} />}>
      <Stack gap="md">
        {blockers.length > 0 && (
          <Notice tone="bad" role="alert" title="This cannot be restored as it is">
            <Problems problems={blockers} />
          </Notice>
        )}
        {warnings.length > 0 && (
          <Notice tone="warn" title="Worth knowing">
            <Problems problems={warnings} />
          </Notice>
        )}
        <Facts
          facts={{
            File: <span className="mono">{dump.path}</span>,
            Size: bytes(dump.sizeBytes),
            Format: dump.compression === 'none' ? dump.format : `${dump.format}, ${dump.compression}`,
            Database: dump.database === null ? null : <span className="mono">{dump.database}</span>,
            Made: dump.createdAt === null ? null : madeAt(dump.createdAt),
            Server: dump.serverVersion === null ? 'the dump does not say' : `PostgreSQL ${dump.serverVersion}`,
            'Dumped by': dump.dumpedBy === null ? null : `pg_dump ${dump.dumpedBy}`,
            Encoding: dump.encoding,
            Extensions: dump.extensions.length === 0 ? null : <span className="mono">{dump.extensions.join(', ')}</span>,
            Roles: dump.roles.length === 0 ? null : <span className="mono">{dump.roles.join(', ')}</span>,
          }}
        />
        <VerifyDump source={source} />
        <Tabs defaultValue="tables" variant="outline">
          <Tabs.List>
            <Tabs.Tab value="tables">Tables ({count(dump.tables.length)})</Tabs.Tab>
            <Tabs.Tab value="objects">All objects ({count(dump.objects.length)})</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="tables" pt="sm">
            <Stack gap="sm">
              <Radio.Group
                aria-label="What to restore"
                value={form.everything ? 'everything' : 'tables'}
                onChange={(value) => patch({ everything: value === 'everything' })}
              >
                <Stack gap={6}>
                  <Radio value="everything" label={`Everything (${plural(dump.tables.length, 'table')})`} />
                  <Radio
                    value="tables"
                    label="Only chosen tables, with their keys, indexes, constraints and sequences"
                    disabled={dump.tables.length === 0}
                  />
                </Stack>
              </Radio.Group>
              <TablePicker
                label="Tables in the dump"
                tables={dump.tables.map((table) => ({ ...table, ...(table.hasData ? { look: true } : { note: 'without rows' }) }))}
                selected={form.tables}
                onChange={(tables) => patch({ tables, everything: tables.size === 0 })}
                height={300}
                onLook={setLooking}
              />
            </Stack>
          </Tabs.Panel>
          <Tabs.Panel value="objects" pt="sm">
            <ObjectsTree objects={dump.objects} withRows={withRows} onLook={setLooking} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
      {looking !== null && <DumpRowsDrawer source={source} table={looking} profileId={form.profileId} onClose={() => setLooking(null)} />}
    </Section>
  );
}

/** An instant is shown in local time; what pg_dump wrote in words stays as it is. */
function madeAt(text: string): string {
  return /^\d{4}-\d{2}-\d{2}T.*Z$/.test(text) ? dateTime(text, true) : text;
}

function Problems({ problems }: { problems: readonly DumpProblem[] }) {
  return (
    <ul className={styles['warnings']}>
      {problems.map((problem) => (
        <li key={`${problem.code} ${problem.line ?? ''} ${problem.message}`} className="wrap">
          {problem.message}
          {problem.line !== undefined && ` (line ${count(problem.line)})`}
        </li>
      ))}
    </ul>
  );
}

function Complete({ complete }: { complete: boolean | null }) {
  if (complete === null) return <Tag tone="neutral">not read to its end yet</Tag>;
  return complete ? <Tag tone="ok">complete</Tag> : <Tag tone="bad">cut off</Tag>;
}
