// Beside the calendar: each schedule with what it does, when next, and how it stands.
import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconEdit, IconHistory, IconPlayerPause, IconPlayerPlay, IconPower } from '@tabler/icons-react';
import type { Schedule } from '../../../shared/contract/schedules.ts';
import { api } from '../../api.ts';
import { useApp } from '../../app/store.ts';
import { dateTime, plural } from '../../ui/format.ts';
import { useLoad } from '../../ui/loadable.ts';
import { Loaded } from '../../ui/Loaded.tsx';
import { useNow } from '../calendar/data.ts';
import { comingIn, inZone } from '../calendar/When.tsx';
import { dayOf } from '../calendar/zone.ts';
import { pauseChoices, pauseUntil, useScheduler } from '../status.ts';
import { goToDay, useSchedules } from '../store.ts';
import { HealthTag } from './HealthTag.tsx';
import styles from './list.module.css';
import { actOn } from '../../app/act-on.ts';
import { runNow } from './run-now.ts';
import { openScheduleEditor } from './store.ts';

export function ScheduleList() {
  const catalog = useApp((state) => state.catalog);
  const [schedules, again] = useLoad('schedules', () => api.schedules.list(), catalog);
  return (
    <Loaded of={schedules} what="schedules" retry={again}>
      {(all) => (
        <div className={styles['panel']}>
          <div className={styles['head']}>
            <span className="dim">{plural(all.length, 'schedule')}</span>
            <PauseMenu />
          </div>
          <ul className={styles['list']} aria-label="Schedules">
            {all.map((schedule) => (
              <Item key={schedule.id} schedule={schedule} all={all} />
            ))}
          </ul>
        </div>
      )}
    </Loaded>
  );
}

function PauseMenu() {
  const status = useScheduler((state) => state.status);
  const paused = status.status === 'ready' && status.value.pausedUntil !== null;
  return (
    <Menu>
      <Menu.Target>
        <button type="button" className={styles['pause']}>
          <IconPlayerPause size={14} aria-hidden />
          {paused ? 'Paused' : 'Pause all'}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {pauseChoices.map((choice) => (
          <Menu.Item key={choice.label} onClick={() => actOn('Schedules could not be paused', () => pauseUntil(choice.until(new Date())))}>
            {choice.label}
          </Menu.Item>
        ))}
        {paused && (
          <Menu.Item
            leftSection={<IconPlayerPlay size={15} />}
            onClick={() => actOn('Schedules could not be resumed', () => pauseUntil(null))}
          >
            Resume now
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function Item({ schedule, all }: { schedule: Schedule; all: readonly Schedule[] }) {
  const now = useNow();
  const hidden = useSchedules((state) => state.hidden.has(schedule.id));
  const zone = useSchedules((state) => state.zone);
  const setHidden = useSchedules((state) => state.setHidden);
  const next = schedule.nextAt === null ? null : Date.parse(schedule.nextAt);
  const toggle = () => {
    const set = new Set(useSchedules.getState().hidden);
    if (!set.delete(schedule.id)) set.add(schedule.id);
    setHidden(set);
  };
  const history = () => {
    setHidden(new Set(all.filter((one) => one.id !== schedule.id).map((one) => one.id)));
    goToDay('list', dayOf(Date.now(), zone));
  };
  return (
    <li className={styles['item']} data-off={!schedule.enabled || undefined} data-hidden={hidden || undefined}>
      <input
        type="checkbox"
        className={styles['swatch']}
        style={{ color: schedule.colour }}
        checked={!hidden}
        onChange={toggle}
        aria-label={`Show ${schedule.name} in the calendar`}
        title={hidden ? 'Not shown in the calendar' : 'Shown in the calendar'}
      />
      <div className={styles['text']}>
        <button
          type="button"
          className={`${styles['name']} cut`}
          title={schedule.name}
          onClick={() => openScheduleEditor({ scheduleId: schedule.id })}
        >
          {schedule.name}
        </button>
        <div className={styles['words']} title={schedule.words}>
          {schedule.words}
        </div>
        <div className={styles['state']}>
          <HealthTag health={schedule.health} />
          {next !== null && schedule.enabled && schedule.overdueSince === null && (
            <span className="dim cut numbers" title={inZone(next, zone)}>
              {comingIn(next - now)}
            </span>
          )}
          {schedule.overdueSince !== null && (
            <span className={`${styles['since']} cut numbers`}>{`since ${dateTime(schedule.overdueSince)}`}</span>
          )}
        </div>
      </div>
      <Menu>
        <Menu.Target>
          <ActionIcon size="sm" aria-label={`More for ${schedule.name}`}>
            <IconDots size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconEdit size={15} />} onClick={() => openScheduleEditor({ scheduleId: schedule.id })}>
            Edit…
          </Menu.Item>
          <Menu.Item leftSection={<IconPlayerPlay size={15} />} onClick={() => runNow(schedule)}>
            Run now
          </Menu.Item>
          <Menu.Item
            leftSection={<IconPower size={15} />}
            onClick={() =>
              actOn(`${schedule.name} could not be switched`, () =>
                api.schedules.setEnabled({ id: schedule.id, enabled: !schedule.enabled }),
              )
            }
          >
            {schedule.enabled ? 'Switch off' : 'Switch on'}
          </Menu.Item>
          <Menu.Item leftSection={<IconHistory size={15} />} onClick={history}>
            History
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}
