// What happens when something comes in the way, each with the one sentence that says what to expect.
import { Group, NumberInput, SegmentedControl, Select, Stack, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './editor.module.css';
import { missedWords, overlapWords, retryWords, windowWords } from './sentences.ts';
import type { FormPart } from './ScheduleEditor.tsx';
import { Time } from './WhenFields.tsx';

export function RulesFields({ form, patch, problems }: FormPart) {
  return (
    <section className={styles['part']} aria-label="When something comes in the way">
      <h3>When something comes in the way</h3>
      <Stack gap="md">
        <Rule label="The machine was asleep or off" words={missedWords(form)}>
          <Group gap="sm">
            <SegmentedControl
              aria-label="The machine was asleep or off"
              value={form.missed}
              onChange={(missed) => patch({ missed })}
              data={[
                { value: 'runOnce' as const, label: 'Run once, late' },
                { value: 'grace' as const, label: 'Only if not too late' },
                { value: 'skip' as const, label: 'Leave it out' },
              ]}
            />
            {form.missed === 'grace' && (
              <Group gap={6} wrap="nowrap">
                <NumberInput
                  aria-label="At most so late"
                  min={1}
                  max={9999}
                  allowDecimal={false}
                  value={form.grace}
                  onChange={(grace) => patch({ grace: typeof grace === 'number' ? grace : 0 })}
                  error={problems.grace}
                  w={76}
                />
                <Select
                  aria-label="Unit of lateness"
                  data={['minutes', 'hours', 'days']}
                  value={form.graceUnit}
                  onChange={(unit) => patch({ graceUnit: unit === 'minutes' || unit === 'days' ? unit : 'hours' })}
                  w={100}
                />
              </Group>
            )}
          </Group>
        </Rule>
        <Rule label="The run before it is still going" words={overlapWords(form.overlap)}>
          <SegmentedControl
            aria-label="The run before it is still going"
            value={form.overlap}
            onChange={(overlap) => patch({ overlap })}
            data={[
              { value: 'skip' as const, label: 'Skip the new one' },
              { value: 'queue' as const, label: 'Let it wait' },
              { value: 'cancel' as const, label: 'Cancel the old one' },
            ]}
          />
        </Rule>
        <Group align="flex-start" gap="md" grow>
          <div>
            <NumberInput
              label="Tries again after a fault that may pass"
              min={0}
              max={10}
              clampBehavior="strict"
              allowDecimal={false}
              value={form.retries}
              onChange={(retries) => patch({ retries: typeof retries === 'number' ? retries : 0 })}
              rightSection={<span className="dim">{form.retries === 1 ? 'time' : 'times'}</span>}
              rightSectionWidth={56}
              hideControls
            />
            <div className={styles['words']}>{retryWords(form.retries)}</div>
          </div>
          <div>
            <Time
              label="Cancel it when it is still running at"
              placeholder="no limit"
              value={form.windowEnd}
              problem={problems.windowEnd}
              onChange={(windowEnd) => patch({ windowEnd })}
              w={240}
            />
            <div className={styles['words']}>{windowWords(form.windowEnd)}</div>
          </div>
        </Group>
        <Group align="flex-start" gap="md" grow>
          <TextInput
            type="datetime-local"
            label="Not before"
            value={form.startsAt}
            onChange={(event) => patch({ startsAt: event.currentTarget.value })}
          />
          <TextInput
            type="datetime-local"
            label="Ends at"
            value={form.endsAt}
            onChange={(event) => patch({ endsAt: event.currentTarget.value })}
            error={problems.endsAt}
          />
        </Group>
        {form.startsAt === '' && form.endsAt === '' && <div className={styles['words']}>It runs from now on, without an end.</div>}
      </Stack>
    </section>
  );
}

function Rule({ label, words, children }: { label: string; words: string; children: ReactNode }) {
  return (
    <div>
      <div className={styles['label']}>{label}</div>
      {children}
      <div className={styles['words']} aria-live="polite">
        {words}
      </div>
    </div>
  );
}
