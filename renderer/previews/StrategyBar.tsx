// The switch, what it would do in numbers, and the way on.
import { Button, Checkbox, Menu, SegmentedControl } from '@mantine/core';
import { IconDatabaseImport } from '@tabler/icons-react';
import { useState } from 'react';
import { strategies, type StrategyChoice } from '../../shared/contract/previews.ts';
import { count, plural } from '../ui/format.ts';
import { strategyOf, strategyWords, type Outlook } from './choice.ts';
import { ConfirmRestore } from './ConfirmRestore.tsx';
import styles from './previews.module.css';
import type { PreviewStage } from './store.ts';
import { effectNames } from './verdict.ts';

export function StrategyBar({
  stage,
  outlook,
  settled,
  onChoice,
}: {
  stage: Extract<PreviewStage, { status: 'ready' }>;
  outlook: Outlook;
  /** The numbers are the engine's last word on this choice. */
  settled: boolean;
  onChoice: (choice: StrategyChoice) => void;
}) {
  const { preview, choice } = stage;
  const [asking, setAsking] = useState(false);
  const elsewhere = preview.staging === 'elsewhere';
  const own = choice.tableStrategies.length;
  const mayFill = preview.tables.some((table) => strategyOf(table, choice) === 'merge');
  return (
    <div className={styles['strategyBar']} role="group" aria-label="What to do">
      <SegmentedControl
        aria-label="Strategy"
        value={choice.strategy}
        onChange={(strategy) => onChoice({ ...choice, strategy })}
        data={strategies.map((value) => ({ value, label: strategyWords[value].name }))}
      />
      <Menu closeOnItemClick={false} position="bottom-start">
        <Menu.Target>
          <Button
            variant="subtle"
            px={6}
            aria-label={own === 0 ? 'Strategy options' : `Strategy options, ${plural(own, 'table')} of its own`}
          >
            {own === 0 ? 'Options' : `${plural(own, 'table')} otherwise`}
          </Button>
        </Menu.Target>
        <Menu.Dropdown maw={380}>
          <Menu.Item
            closeMenuOnClick={false}
            leftSection={<Checkbox.Indicator checked={choice.fillEmptyStrings} size="xs" aria-hidden />}
            disabled={!mayFill}
            onClick={() => onChoice({ ...choice, fillEmptyStrings: !choice.fillEmptyStrings })}
          >
            Merge also fills empty strings
            <span className="sr-only">{choice.fillEmptyStrings ? ', on' : ', off'}</span>
          </Menu.Item>
          <Menu.Item disabled={own === 0} closeMenuOnClick onClick={() => onChoice({ ...choice, tableStrategies: [] })}>
            Give every table the same strategy again
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <div role="status" aria-label="Effect">
        <dl className={styles['effects']} data-settled={settled}>
          {effectNames.map(([key, name]) => (
            <div key={key} data-effect={outlook.effects[key] > 0 ? key : undefined}>
              <dt>{name}</dt>
              <dd className="numbers">{count(outlook.effects[key])}</dd>
            </div>
          ))}
        </dl>
      </div>
      <Button
        leftSection={<IconDatabaseImport size={15} />}
        disabled={!settled || elsewhere || outlook.blockers.length > 0}
        title={
          elsewhere
            ? 'The rows were compared on another server: this can be looked at, not carried out'
            : outlook.blockers.length > 0
              ? 'The verdict names what is in the way'
              : undefined
        }
        onClick={() => setAsking(true)}
        className={styles['go'] ?? ''}
      >
        <span className="cut">Restore into {preview.database}…</span>
      </Button>
      <div className={styles['does']}>{strategyWords[choice.strategy].does}</div>
      {asking && <ConfirmRestore stage={stage} outlook={outlook} onClose={() => setAsking(false)} />}
    </div>
  );
}
