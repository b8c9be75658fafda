// The coming 30 days: how long each is busy, and when more wants to run at once than the queue lets.
import { IconAlertTriangle } from '@tabler/icons-react';
import { api } from '../../api.ts';
import { duration, plural } from '../../ui/format.ts';
import { useLoad } from '../../ui/loadable.ts';
import { Loaded } from '../../ui/Loaded.tsx';
import { Empty, Scroll, Section } from '../../ui/PageFrame.tsx';
import { dateTimeOf, dayOf, fullDay, shortMonth, shortWeekday, timeOf } from './zone.ts';
import styles from './calendar.module.css';

export function LoadView({ zone, version, onOpenDay }: { zone: string; version: number; onOpenDay: (day: string) => void }) {
  const [load, again] = useLoad(`load ${zone}`, () => api.schedules.load({ days: 30, timeZone: zone }), version);
  return (
    <Scroll>
      <Loaded of={load} what="the next 30 days" retry={again}>
        {({ days, clashes }) => {
          const busiest = Math.max(1, ...days.map(({ busyMs }) => busyMs));
          const runs = days.reduce((sum, one) => sum + one.runs, 0);
          const most = Math.max(0, ...days.map(({ mostAtOnce }) => mostAtOnce));
          if (runs === 0) return <Empty title="Nothing is planned for the next 30 days" />;
          return (
            <div className={styles['load']}>
              <Section title="Busy time by day" actions={<span className="dim">{`${plural(runs, 'run')}, at most ${most} at once`}</span>}>
                <ul className={styles['bars']} aria-label="Days">
                  {days.map((one) => {
                    const clash = one.clashes > 0 ? `, ${plural(one.clashes, 'clash', 'clashes')}` : '';
                    const label = `${fullDay(one.day)}: ${plural(one.runs, 'run')}, busy for ${duration(one.busyMs)}, at most ${one.mostAtOnce} at once${clash}`;
                    return (
                      <li key={one.day}>
                        <button
                          type="button"
                          className={styles['bar']}
                          title={label}
                          aria-label={label}
                          onClick={() => onOpenDay(one.day)}
                          data-clash={one.clashes > 0 || undefined}
                        >
                          <span className={styles['barClash']}>{one.clashes > 0 && <IconAlertTriangle size={13} aria-hidden />}</span>
                          <span className={styles['barRoom']}>
                            <span
                              className={styles['barFill']}
                              style={{ height: `${one.runs === 0 ? 0 : Math.max(2, (one.busyMs / busiest) * 100)}%` }}
                            />
                          </span>
                          <span className={styles['barMost']}>{one.runs === 0 ? '·' : `×${one.mostAtOnce}`}</span>
                          <span className={styles['barDay']}>{Number(one.day.slice(8))}</span>
                          <span className={styles['barWeekday']}>
                            {one.day.endsWith('-01') ? shortMonth(one.day) : shortWeekday(one.day)}
                          </span>
                        </button>
                      </li>
                    );
                  })}
                </ul>
                <p className={styles['loadNote']}>
                  Tall is long: the highest bar is {duration(busiest)} of work, by what the last runs took. × is how many run at once at
                  most.
                </p>
              </Section>
              <Section title={clashes.length === 0 ? 'No clashes' : plural(clashes.length, 'clash', 'clashes')} flush>
                {clashes.length === 0 ? (
                  <p className={styles['loadNote']} style={{ padding: '0 14px' }}>
                    At no time does more want to run at once than the queue lets.
                  </p>
                ) : (
                  <table className={styles['clashes']} aria-label="Clashes">
                    <thead>
                      <tr>
                        <th scope="col">When</th>
                        <th scope="col">Server</th>
                        <th scope="col">Schedules</th>
                        <th scope="col">What happens</th>
                      </tr>
                    </thead>
                    <tbody>
                      {clashes.map((clash) => {
                        const at = Date.parse(clash.at);
                        return (
                          <tr key={`${clash.at} ${clash.server}`}>
                            <td className="numbers">
                              <button type="button" className={styles['link']} onClick={() => onOpenDay(dayOf(at, zone))}>
                                {shortWeekday(dayOf(at, zone))} {dateTimeOf(at, zone)} – {timeOf(Date.parse(clash.until), zone)}
                              </button>
                            </td>
                            <td className="wrap">{clash.server}</td>
                            <td className="wrap">{clash.schedules.join(', ')}</td>
                            <td className="wrap">{clash.text}</td>
                          </tr>
                        );
                      })}
                    </tbody>
                  </table>
                )}
              </Section>
            </div>
          );
        }}
      </Loaded>
    </Scroll>
  );
}
