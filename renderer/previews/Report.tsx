// What a restore would do, all on one screen: verdict, strategy, totals, tables, and the rows of the opened table.
import { Drawer, Tabs } from '@mantine/core';
import { useHotkeys, useMediaQuery } from '@mantine/hooks';
import { useRef, useState } from 'react';
import type { TablePreview } from '../../shared/contract/previews.ts';
import { api } from '../api.ts';
import { count } from '../ui/format.ts';
import { useLoad } from '../ui/loadable.ts';
import { tableKey } from '../ui/TablePicker.tsx';
import { needsJudging, outlookOf } from './choice.ts';
import styles from './previews.module.css';
import { SchemaView } from './SchemaView.tsx';
import { isSwap, usePreview, type PreviewStage } from './store.ts';
import { StrategyBar } from './StrategyBar.tsx';
import { TableDetail } from './TableDetail.tsx';
import { TableGrid } from './TableGrid.tsx';
import { firstView, type SortKey } from './tables.ts';
import { Totals } from './Totals.tsx';
import { VerdictBar } from './VerdictBar.tsx';

type Ready = Extract<PreviewStage, { status: 'ready' }>;

export function Report({ stage }: { stage: Ready }) {
  const { id, preview, choice } = stage;
  const choose = usePreview((state) => state.choose);
  const judging = needsJudging(preview, choice);
  const [judged, again] = useLoad(judging ? JSON.stringify({ id, ...choice }) : null, (signal) =>
    api.previews.judge({ id, ...choice }, { signal }),
  );
  const outlook = outlookOf(preview, choice, judging && judged.status === 'ready' ? judged.value : null);
  const settled = !judging || judged.status === 'ready';

  const [view, setView] = useState(firstView);
  const [opened, setOpened] = useState<string | null>(null);
  const table = preview.tables.find((one) => tableKey(one) === opened) ?? null;
  const beside = useMediaQuery('(min-width: 1500px)', false, { getInitialValueInEffect: false });
  const grid = useRef<HTMLDivElement>(null);
  const close = () => {
    setOpened(null);
    // Back to the row that was opened, wherever the focus was in the pane.
    requestAnimationFrame(() => grid.current?.querySelector<HTMLElement>('[role="row"][tabindex="0"]')?.focus());
  };
  const pane = useRef<HTMLElement>(null);
  useHotkeys(
    [
      [
        'Escape',
        () => {
          const at = document.activeElement;
          // A list that is open inside the pane closes first.
          if (pane.current?.contains(at) === true && at?.getAttribute('aria-expanded') !== 'true') close();
        },
        { preventDefault: false },
      ],
    ],
    [],
  );
  const sortBy = (sort: SortKey) => setView({ ...view, sort, descending: true });
  const oddities = preview.schema.differences.length + preview.allMigrations.filter(({ verdict }) => verdict !== 'exact').length;

  return (
    <div className={styles['report']}>
      <VerdictBar preview={preview} outlook={outlook} failed={judged.status === 'failed' && judging ? judged.error : null} retry={again} />
      <StrategyBar stage={stage} outlook={outlook} settled={settled} onChoice={choose} />
      <Totals preview={preview} sort={view.sort} onSort={sortBy} />
      <Tabs defaultValue="tables" className={styles['tabs'] ?? ''}>
        <Tabs.List px={20}>
          <Tabs.Tab value="tables">Tables ({count(preview.tables.length)})</Tabs.Tab>
          <Tabs.Tab value="schema">Schema and migrations{oddities === 0 ? '' : ` (${count(oddities)})`}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="tables" className={styles['panel'] ?? ''}>
          <div className={styles['split']} data-open={beside && table !== null ? true : undefined}>
            <TableGrid
              ref={grid}
              tables={preview.tables}
              view={view}
              onView={setView}
              choice={choice}
              onChoice={choose}
              outlook={outlook}
              swap={isSwap(stage)}
              openKey={opened}
              onOpen={(one: TablePreview) => setOpened(tableKey(one))}
            />
            {beside && table !== null && (
              <aside ref={pane} className={styles['pane']} aria-label={`Rows of ${table.schema}.${table.table}`}>
                <TableDetail key={opened} previewId={id} table={table} choice={choice} onClose={close} />
              </aside>
            )}
          </div>
        </Tabs.Panel>
        <Tabs.Panel value="schema" className={styles['panel'] ?? ''}>
          <SchemaView preview={preview} />
        </Tabs.Panel>
      </Tabs>
      <Drawer
        opened={!beside && table !== null}
        onClose={close}
        title={table === null ? '' : `${table.schema}.${table.table}`}
        size="min(860px, 86vw)"
        closeButtonProps={{ 'aria-label': 'Close' }}
        classNames={{ body: styles['drawerBody'] ?? '', content: styles['drawer'] ?? '', title: 'cut' }}
        returnFocus={false}
      >
        {table !== null && <TableDetail key={opened} previewId={id} table={table} choice={choice} onClose={null} />}
      </Drawer>
    </div>
  );
}
