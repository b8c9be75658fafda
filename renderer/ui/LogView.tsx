// A log of any length: only the lines in sight are in the document; follows the end until the reader scrolls up.
import { ActionIcon, Button, SegmentedControl, TextInput, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconArrowDown, IconCheck, IconCopy, IconSearch } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { LogLine } from '../../shared/contract/backups.ts';
import { dateTime, timeOfDay } from './format.ts';
import { ScrollRegion } from './ScrollRegion.tsx';
import styles from './ui.module.css';
import { useVirtualRows } from './virtual-rows.ts';

type Level = 'all' | 'warning' | 'error';

export function LogView({ lines, live, height }: { lines: readonly LogLine[]; live: boolean; height: number | string }) {
  const [level, setLevel] = useState<Level>('all');
  const [search, setSearch] = useState('');
  const [following, setFollowing] = useState(live);
  const scroller = useRef<HTMLDivElement>(null);
  const clipboard = useClipboard({ timeout: 1500 });

  const shown = useMemo(() => {
    const words = search.trim().toLowerCase();
    return lines.filter(
      (line) =>
        (level === 'all' || line.level === 'error' || (level === 'warning' && line.level === 'warning')) &&
        (words === '' || line.text.toLowerCase().includes(words)),
    );
  }, [lines, level, search]);

  const virtual = useVirtualRows({ count: shown.length, height: 18, scroller, keyOf: (index) => shown[index]?.sequence ?? index });

  useEffect(() => {
    if (following && shown.length > 0) virtual.scrollToIndex(shown.length - 1, { align: 'end' });
  }, [following, shown.length, virtual]);

  const onScroll = () => {
    const box = scroller.current;
    if (box === null || !live) return;
    setFollowing(box.scrollHeight - box.scrollTop - box.clientHeight < 40);
  };

  const text = () => shown.map((line) => `${dateTime(line.at, true)} ${line.level.padEnd(7)} ${line.text}`).join('\n');
  return (
    <div className={styles['log']} style={{ height }}>
      <div className={styles['logBar']}>
        <SegmentedControl<Level>
          aria-label="Log level"
          value={level}
          onChange={setLevel}
          data={[
            { value: 'all', label: 'All' },
            { value: 'warning', label: 'Warnings' },
            { value: 'error', label: 'Errors' },
          ]}
        />
        <TextInput
          aria-label="Search the log"
          placeholder="Search the log"
          leftSection={<IconSearch size={14} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          style={{ flex: 1 }}
        />
        <Tooltip label={clipboard.copied ? 'Copied' : 'Copy the lines shown'}>
          <ActionIcon aria-label="Copy the log" onClick={() => clipboard.copy(text())}>
            {clipboard.copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        </Tooltip>
      </div>
      <ScrollRegion ref={scroller} className={styles['logLines']} onScroll={onScroll} role="log" label="Log">
        {shown.length === 0 && <div style={{ padding: 10 }}>{lines.length === 0 ? 'No lines yet.' : 'No line matches.'}</div>}
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((item) => {
            const line = shown[item.index];
            if (line === undefined) return null;
            return (
              <div
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                className={`${styles['logLine']} ${styles[`log${line.level}`] ?? ''}`}
                style={{ position: 'absolute', top: 0, left: 0, right: 0, transform: `translateY(${item.start}px)` }}
              >
                <time dateTime={line.at} title={dateTime(line.at, true)}>
                  {timeOfDay(line.at)}
                </time>
                <span>{line.text}</span>
              </div>
            );
          })}
        </div>
      </ScrollRegion>
      {live && !following && (
        <Button variant="light" leftSection={<IconArrowDown size={14} />} onClick={() => setFollowing(true)} style={{ borderRadius: 0 }}>
          Follow the end
        </Button>
      )}
    </div>
  );
}
