// What a channel is told of.
import { Checkbox, MultiSelect } from '@mantine/core';
import { api } from '../api.ts';
import { useLoad } from '../ui/loadable.ts';
import { eventChoices, type ChannelPart } from './channel-form.ts';
import styles from './messages.module.css';

export function Events({ form, patch, problems }: ChannelPart) {
  return (
    <Checkbox.Group
      label="Is told when"
      value={form.events}
      onChange={(events) => patch({ events: eventChoices.map((choice) => choice.value).filter((event) => events.includes(event)) })}
      error={problems.events}
    >
      <div className={styles['events']}>
        {eventChoices.map((choice) => (
          <Checkbox key={choice.value} value={choice.value} label={choice.label} description={choice.about} />
        ))}
      </div>
    </Checkbox.Group>
  );
}

export function Schedules({ form, patch }: ChannelPart) {
  const [schedules] = useLoad('schedules', () => api.schedules.list());
  const known = schedules.status === 'ready' ? schedules.value.map((one) => ({ value: one.id, label: one.name })) : [];
  const gone = schedules.status === 'ready' ? form.scheduleIds.filter((id) => !known.some((one) => one.value === id)) : [];
  return (
    <MultiSelect
      size="xs"
      label="Only about these schedules"
      placeholder={form.scheduleIds.length === 0 ? 'All of them' : ''}
      data={[...known, ...gone.map((id) => ({ value: id, label: `${id} (removed)` }))]}
      value={form.scheduleIds}
      onChange={(scheduleIds) => patch({ scheduleIds })}
      searchable
      nothingFoundMessage="No schedule matches"
    />
  );
}
