// When a schedule runs, on the wall clock of its zone.
import { Chip, Group, NumberInput, SegmentedControl, Select, Stack, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import type { Weekday } from '../../../shared/contract/schedules.ts';
import { machineZone, offsetName, zoneName } from '../calendar/zone.ts';
import styles from './editor.module.css';
import { weekdayNames } from './form.ts';
import type { FormPart } from './ScheduleEditor.tsx';
import { parseWallTime } from './wall-time.ts';

export function WhenFields({ form, patch, problems }: FormPart) {
  return (
    <section className={styles['part']} aria-label="When">
      <h3>When</h3>
      <Stack gap="sm">
        <SegmentedControl
          aria-label="How often"
          value={form.when}
          onChange={(when) => patch({ when })}
          data={[
            { value: 'hourly' as const, label: 'Hourly' },
            { value: 'daily' as const, label: 'Daily' },
            { value: 'weekly' as const, label: 'Weekly' },
            { value: 'monthly' as const, label: 'Monthly' },
            { value: 'cron' as const, label: 'Cron' },
          ]}
          style={{ alignSelf: 'flex-start' }}
        />
        <Group align="flex-start" gap="md">
          <Rule form={form} patch={patch} problems={problems} />
          <ZoneChoice zone={form.timeZone} onChange={(timeZone) => patch({ timeZone })} />
        </Group>
        {form.when === 'hourly' && (
          <Days
            label="On"
            days={form.hourlyDays}
            hint={form.hourlyDays.length === 0 ? 'every day' : undefined}
            onChange={(hourlyDays) => patch({ hourlyDays })}
          />
        )}
        {form.when === 'weekly' && (
          <Days label="On" days={form.weeklyDays} problem={problems.weeklyDays} onChange={(weeklyDays) => patch({ weeklyDays })} />
        )}
      </Stack>
    </section>
  );
}

function Rule({ form, patch, problems }: FormPart) {
  switch (form.when) {
    case 'hourly':
      return (
        <>
          <HourChoice label="From" value={form.fromHour} minute={form.minute} onChange={(fromHour) => patch({ fromHour })} />
          <HourChoice label="To" value={form.toHour} minute={form.minute} onChange={(toHour) => patch({ toHour })} />
          <NumberInput
            label="At minute"
            min={0}
            max={59}
            clampBehavior="strict"
            allowDecimal={false}
            value={form.minute}
            onChange={(minute) => patch({ minute: typeof minute === 'number' ? minute : 0 })}
            w={90}
          />
        </>
      );
    case 'daily':
    case 'weekly':
      return <Time label="At" value={form.time} problem={problems.time} onChange={(time) => patch({ time })} />;
    case 'monthly':
      return (
        <>
          <Select
            label="On day"
            data={[
              ...Array.from({ length: 31 }, (_, index) => ({ value: String(index + 1), label: String(index + 1) })),
              { value: 'last', label: 'last of the month' },
            ]}
            value={String(form.day)}
            onChange={(day) => patch({ day: day === 'last' ? 'last' : Number(day ?? 1) })}
            w={150}
          />
          <Time label="At" value={form.time} problem={problems.time} onChange={(time) => patch({ time })} />
        </>
      );
    case 'cron':
      return (
        <TextInput
          label="Cron expression"
          description="minute hour day month weekday; names, lists, ranges, steps, L and #"
          value={form.expression}
          onChange={(event) => patch({ expression: event.currentTarget.value })}
          error={problems.expression}
          classNames={{ input: 'mono' }}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          spellCheck={false}
          w={330}
        />
      );
  }
}

/** A time of day as one types it; put in order when the field is left. */
export function Time({
  label,
  value,
  problem,
  onChange,
  placeholder = '02:00',
  w = 90,
}: {
  label: string;
  value: string;
  problem: string | undefined;
  onChange: (time: string) => void;
  placeholder?: string;
  w?: number;
}) {
  return (
    <TextInput
      label={label}
      placeholder={placeholder}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onBlur={() => {
        const time = parseWallTime(value);
        if (time !== null && time !== value) onChange(time);
      }}
      error={problem}
      classNames={{ input: 'numbers' }}
      w={w}
    />
  );
}

function HourChoice({
  label,
  value,
  minute,
  onChange,
}: {
  label: string;
  value: number;
  minute: number;
  onChange: (hour: number) => void;
}) {
  const two = (number: number) => String(number).padStart(2, '0');
  return (
    <Select
      label={label}
      data={Array.from({ length: 24 }, (_, hour) => ({ value: String(hour), label: `${two(hour)}:${two(minute)}` }))}
      value={String(value)}
      onChange={(hour) => onChange(Number(hour ?? 0))}
      w={96}
    />
  );
}

function Days({
  label,
  days,
  hint,
  problem,
  onChange,
}: {
  label: string;
  days: Weekday[];
  hint?: string | undefined;
  problem?: string | undefined;
  onChange: (days: Weekday[]) => void;
}) {
  const inOrder = (chosen: string[]) => weekdayNames.map((day) => day.value).filter((day) => chosen.includes(day));
  return (
    <div role="group" aria-label="Days">
      <div className={styles['label']}>{label}</div>
      <Group gap={6}>
        <Chip.Group multiple value={days} onChange={(chosen) => onChange(inOrder(chosen))}>
          {weekdayNames.map((day) => (
            <Chip key={day.value} value={day.value} size="xs" radius="sm" aria-label={day.long}>
              {day.short}
            </Chip>
          ))}
        </Chip.Group>
        {hint !== undefined && <span className="dim">{hint}</span>}
      </Group>
      {problem !== undefined && <div className={styles['problem']}>{problem}</div>}
    </div>
  );
}

function ZoneChoice({ zone, onChange }: { zone: string; onChange: (zone: string) => void }) {
  const data = useMemo(() => zones(zone), [zone]);
  return (
    <Select
      label="Time zone"
      data={data}
      value={zone}
      onChange={(chosen) => {
        if (chosen !== null) onChange(chosen);
      }}
      searchable
      limit={60}
      nothingFoundMessage="No time zone matches"
      w={290}
    />
  );
}

/** The machine's own first; the one that is chosen is always among them, also where this browser calls it by another name. */
function zones(chosen: string): { value: string; label: string }[] {
  const own = machineZone();
  const now = Date.now();
  const names = [...new Set([own, 'UTC', ...Intl.supportedValuesOf('timeZone'), chosen])];
  return names.map((name) => {
    const offset = offsetName(now, name);
    return { value: name, label: `${name === offset ? name : `${zoneName(name)} (${offset})`}${name === own ? ', this machine' : ''}` };
  });
}
