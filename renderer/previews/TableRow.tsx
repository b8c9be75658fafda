import { NativeSelect } from '@mantine/core';
import { strategies, type RowEffects, type Strategy, type TablePreview } from '../../shared/contract/previews.ts';
import { count } from '../ui/format.ts';
import { Tag } from '../ui/Tag.tsx';
import { chosenWords, strategyWords, tableBlockers, type Chosen } from './choice.ts';
import styles from './previews.module.css';
import { ProportionBar } from './ProportionBar.tsx';

/** One table's cells. */
export function TableRow({
  table,
  clashes,
  strategy,
  common,
  own,
  effects,
  swap,
  onStrategy,
}: {
  table: TablePreview;
  /** Some table has clashes: there is a column for them. */
  clashes: boolean;
  strategy: Chosen;
  /** The strategy of all tables that have none of their own. */
  common: Strategy;
  /** It has one of its own. */
  own: boolean;
  effects: RowEffects;
  /** The whole database is replaced by the backup's: also tables that could not be compared. */
  swap: boolean;
  onStrategy: (strategy: Chosen | null) => void;
}) {
  const name = `${table.schema}.${table.table}`;
  const blocked = tableBlockers(table, strategy);
  return (
    <>
      <div role="gridcell" className={styles['nameCell']}>
        <span className="mono cut" title={name}>
          <span className="dim">{table.schema}.</span>
          {table.table}
        </span>
        {blocked.length > 0 && (
          <Tag tone="bad" title={blocked.map(({ message }) => message).join('\n')}>
            blocked
          </Tag>
        )}
        {blocked.length === 0 && table.warnings.length > 0 && (
          <Tag tone="warn" title={table.warnings.map(({ message }) => message).join('\n')}>
            note
          </Tag>
        )}
        {table.referencedOnly && (
          <Tag tone="info" title="Rows that the chosen ones refer to. They are only added where they are missing.">
            came along
          </Tag>
        )}
      </div>
      <div role="gridcell">{table.compared ? <ProportionBar table={table} /> : <span className="dim">not compared</span>}</div>
      <Count value={table.conflicts} />
      <Count value={table.new} />
      <Count value={table.liveOnly} />
      {clashes && <Count value={table.uniqueClashes} />}
      <div role="gridcell" className={`${styles['would']} numbers`} aria-label={wouldInWords(effects)}>
        {swap && !table.compared ? <span className="dim">comes in whole</span> : <Effects effects={effects} left={strategy === 'leave'} />}
      </div>
      <div role="gridcell" className={styles['tableStrategy']} data-own={own || undefined}>
        <NativeSelect
          size="xs"
          aria-label={`Strategy for ${name}`}
          value={own ? strategy : ''}
          onClick={(event) => event.stopPropagation()}
          onChange={(event) => {
            const value = event.currentTarget.value as Chosen | '';
            onStrategy(value === '' ? null : value);
          }}
        >
          <option value="">{table.referencedOnly ? 'Add missing' : strategyWords[common].name}</option>
          {[...(table.referencedOnly ? [] : strategies.filter((one) => one !== common || own)), 'leave' as const].map((one) => (
            <option key={one} value={one}>
              {chosenWords[one]}
              {one === common ? ' (own)' : ''}
            </option>
          ))}
        </NativeSelect>
      </div>
    </>
  );
}

function Count({ value }: { value: number }) {
  return (
    <div role="gridcell" className={`numbers ${styles['right']} ${value === 0 ? 'dim' : ''}`}>
      {count(value)}
    </div>
  );
}

function Effects({ effects, left }: { effects: RowEffects; left: boolean }) {
  if (left) return <span className="dim">left alone</span>;
  if (effects.created + effects.updated + effects.deleted === 0) return <span className="dim">nothing</span>;
  return (
    <>
      {effects.created > 0 && <span className={styles['added']}>+{count(effects.created)}</span>}
      {effects.updated > 0 && <span className={styles['changed']}>~{count(effects.updated)}</span>}
      {effects.deleted > 0 && <span className={styles['deleted']}>−{count(effects.deleted)}</span>}
    </>
  );
}

function wouldInWords({ created, updated, deleted }: RowEffects): string {
  return `adds ${count(created)}, changes ${count(updated)}, deletes ${count(deleted)}`;
}
