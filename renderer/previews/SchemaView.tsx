// What differs beside the rows: definitions with the statement that would mend them, and where the migrations stand.
import { Button } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { useMemo, useRef, useState } from 'react';
import { useClipboard } from '@mantine/hooks';
import type { Preview, SchemaDifference } from '../../shared/contract/previews.ts';
import { CopyText } from '../ui/CopyText.tsx';
import { count } from '../ui/format.ts';
import { Notice } from '../ui/Notice.tsx';
import { ScrollRegion } from '../ui/ScrollRegion.tsx';
import { Tag } from '../ui/Tag.tsx';
import { useVirtualRows } from '../ui/virtual-rows.ts';
import { Migrations } from './Migrations.tsx';
import styles from './previews.module.css';

const kinds = {
  missing: { tone: 'warn', word: 'missing live' },
  extra: { tone: 'info', word: 'only live' },
  different: { tone: 'warn', word: 'different' },
} as const;

export function SchemaView({ preview }: { preview: Preview }) {
  const { fits, differences } = preview.schema;
  // What only the live database has is mended by dropping it: that is nobody's wish in bulk.
  const mending = useMemo(
    () => differences.flatMap(({ kind, mend }) => (mend === null || kind === 'extra' ? [] : [mend])).join('\n'),
    [differences],
  );
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <div className={styles['schema']}>
      {preview.allMigrations.length > 0 && (
        <ScrollRegion className={styles['verdicts']} label="Migrations">
          <Migrations verdicts={preview.allMigrations} />
        </ScrollRegion>
      )}
      {differences.length === 0 ? (
        <Notice tone="ok" title="The schema is the same on both sides">
          Tables, columns, types, constraints, indexes and functions do not differ.
        </Notice>
      ) : (
        <>
          <div className={styles['schemaHead']}>
            <h2>{count(differences.length)} schema differences</h2>
            <Tag tone={fits ? 'ok' : 'bad'}>{fits ? 'the compared tables fit' : 'compared tables do not fit'}</Tag>
            {mending !== '' && (
              <Button variant="default" leftSection={<IconCopy size={14} />} onClick={() => clipboard.copy(mending)}>
                {clipboard.copied ? 'Copied' : 'Copy the statements that add or change'}
              </Button>
            )}
          </div>
          <Differences differences={differences} />
        </>
      )}
    </div>
  );
}

function Differences({ differences }: { differences: readonly SchemaDifference[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualRows({ count: differences.length, height: 64, scroller });
  return (
    <ScrollRegion ref={scroller} className={styles['differences']} label="Schema differences">
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="list">
        {virtual.getVirtualItems().map((item) => {
          const difference = differences[item.index];
          if (difference === undefined) return null;
          return (
            <div
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              role="listitem"
              className={styles['difference']}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <One difference={difference} />
            </div>
          );
        })}
      </div>
    </ScrollRegion>
  );
}

function One({ difference }: { difference: SchemaDifference }) {
  const { kind, type, schema, name, backup, live, mend } = difference;
  const [open, setOpen] = useState(false);
  return (
    <>
      <div className={styles['differenceHead']}>
        <Tag tone={kinds[kind].tone}>{kinds[kind].word}</Tag>
        <span className="dim">{type}</span>
        <span className="mono cut" title={schema === '' ? name : `${schema}.${name}`}>
          {schema === '' ? name : `${schema}.${name}`}
        </span>
        {(backup !== null || live !== null) && (
          <button type="button" className={styles['link']} aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? 'Hide definitions' : 'Definitions'}
          </button>
        )}
      </div>
      {open && (
        <dl className={styles['definitions']}>
          <dt>Backup</dt>
          <dd className="mono">{backup ?? <span className="dim">does not have it</span>}</dd>
          <dt>Live</dt>
          <dd className="mono">{live ?? <span className="dim">does not have it</span>}</dd>
        </dl>
      )}
      {mend !== null && kind === 'extra' && <span className={styles['drops']}>This would take it away from the live database:</span>}
      {mend !== null && <CopyText text={mend} what={`the statement that mends ${name}`} />}
    </>
  );
}
