// Which period, which view, whose time, which schedules.
import { ActionIcon, Button, Checkbox, Popover, SegmentedControl, Select, TextInput, Tooltip } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconFilter, IconLayoutSidebar } from '@tabler/icons-react';
import { useState } from 'react';
import type { Schedule } from '../../../shared/contract/schedules.ts';
import { goToDay, periodName, step, useSchedules } from '../store.ts';
import { views, type View } from '../place.ts';
import { dayOf, machineZone, offsetName, zoneName } from './zone.ts';
import styles from './calendar.module.css';

export const viewNames: Record<View, string> = { month: 'Month', week: 'Week', day: 'Day', list: 'List', year: 'Year', load: 'Load' };
/** Keys that work while the calendar, and no field, has the focus. */
export const viewKeys: Record<View, string> = { month: 'M', week: 'W', day: 'D', list: 'L', year: 'Y', load: 'O' };

export function Toolbar({ schedules, now }: { schedules: readonly Schedule[]; now: number }) {
  const { view, day, zone, side, setSide } = useSchedules();
  const today = dayOf(now, zone);
  const moves = view !== 'load';
  return (
    <div className={styles['toolbar']} role="toolbar" aria-label="Calendar">
      <Tooltip label={side ? 'Hide the schedules' : 'Show the schedules'}>
        <ActionIcon aria-label="Schedules beside the calendar" aria-pressed={side} onClick={() => setSide(!side)}>
          <IconLayoutSidebar size={17} />
        </ActionIcon>
      </Tooltip>
      <Button variant="default" onClick={() => goToDay(view, today)} disabled={!moves} title="Today (T)" aria-keyshortcuts="t">
        Today
      </Button>
      <div className={styles['steps']}>
        <ActionIcon
          aria-label={`Previous ${view}`}
          title="Previous (J)"
          aria-keyshortcuts="j"
          disabled={!moves}
          onClick={() => goToDay(view, step(view, day, -1))}
        >
          <IconChevronLeft size={17} />
        </ActionIcon>
        <ActionIcon
          aria-label={`Next ${view}`}
          title="Next (K)"
          aria-keyshortcuts="k"
          disabled={!moves}
          onClick={() => goToDay(view, step(view, day, 1))}
        >
          <IconChevronRight size={17} />
        </ActionIcon>
      </div>
      <h2 className={`${styles['periodName']} cut`}>{periodName(view, day)}</h2>
      <ZoneChoice schedules={schedules} now={now} />
      {/* The load is that of all: what clashes does not depend on what is looked at. */}
      {view !== 'load' && <ScheduleFilter schedules={schedules} />}
      <SegmentedControl<View>
        aria-label="View"
        value={view}
        onChange={(value) => goToDay(value, value === 'load' ? today : day)}
        data={views.map((value) => ({
          value,
          label: (
            <span title={`${viewNames[value]} (${viewKeys[value]})`}>
              {viewNames[value]}
              <kbd className={styles['key']} aria-hidden>
                {viewKeys[value]}
              </kbd>
            </span>
          ),
        }))}
      />
    </div>
  );
}

function ZoneChoice({ schedules, now }: { schedules: readonly Schedule[]; now: number }) {
  const { zone, day, view, setZone } = useSchedules();
  const own = machineZone();
  const zones = [...new Set([own, ...schedules.map(({ timeZone }) => timeZone), 'UTC', zone])];
  const label = (one: string) => (one === own ? `${zoneName(one)} (here)` : zoneName(one));
  const whole = (one: string) => {
    const about = [
      offsetName(now, one),
      one === own ? 'this machine' : schedules.some(({ timeZone }) => timeZone === one) ? 'a schedule’s zone' : '',
    ].filter((part) => part !== '' && part !== one);
    return about.length === 0 ? zoneName(one) : `${zoneName(one)} (${about.join(', ')})`;
  };
  return (
    <Select
      aria-label="Times are shown in"
      title={`Times are shown in ${whole(zone)}`}
      renderOption={({ option }) => whole(option.value)}
      data={zones.map((value) => ({ value, label: label(value) }))}
      value={zone}
      onChange={(value) => {
        if (value === null) return;
        setZone(value);
        goToDay(view, day);
      }}
      w={158}
      comboboxProps={{ width: 300, position: 'bottom-end', shadow: 'md' }}
      className={styles['zone'] ?? ''}
    />
  );
}

/** More than so many are looked for by name. */
const searchFrom = 10;
const shownAtOnce = 100;

function ScheduleFilter({ schedules }: { schedules: readonly Schedule[] }) {
  const { hidden, setHidden } = useSchedules();
  const [search, setSearch] = useState('');
  const shown = schedules.filter(({ id }) => !hidden.has(id)).length;
  const all = shown === schedules.length;
  const words = search.trim().toLowerCase();
  const found = schedules.filter(({ name, profile }) => `${name} ${profile}`.toLowerCase().includes(words));
  return (
    <Popover position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <Button
          variant={all ? 'default' : 'light'}
          leftSection={<IconFilter size={14} />}
          disabled={schedules.length === 0}
          aria-label={all ? 'Filter by schedule' : `Filter by schedule: ${shown} of ${schedules.length} shown`}
        >
          {all ? 'Filter' : `${shown} of ${schedules.length}`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={styles['filter'] ?? ''} aria-label="Filter by schedule">
        <div className={styles['filterHead']}>
          <strong>Show</strong>
          <Button variant="subtle" size="compact-xs" onClick={() => setHidden(new Set())}>
            All
          </Button>
          <Button variant="subtle" size="compact-xs" onClick={() => setHidden(new Set(schedules.map(({ id }) => id)))}>
            None
          </Button>
        </div>
        {schedules.length > searchFrom && (
          <TextInput
            aria-label="Search schedules"
            placeholder="Search schedules"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            mb={8}
          />
        )}
        <div className={styles['filterList']} role="group" aria-label="Schedules shown">
          {found.slice(0, shownAtOnce).map((schedule) => (
            <Checkbox
              key={schedule.id}
              checked={!hidden.has(schedule.id)}
              label={
                <span className={styles['filterName']} title={schedule.name}>
                  <span className={styles['dot']} style={{ background: schedule.colour }} />
                  <span className="cut">{schedule.name}</span>
                </span>
              }
              onChange={(event) => {
                const next = new Set(hidden);
                if (event.currentTarget.checked) next.delete(schedule.id);
                else next.add(schedule.id);
                setHidden(next);
              }}
            />
          ))}
          {found.length > shownAtOnce && <span className="dim">{`and ${found.length - shownAtOnce} more: search for them`}</span>}
          {found.length === 0 && <span className="dim">No schedule has that name.</span>}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
