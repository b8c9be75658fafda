// A schedule, new or known: what, when, and what happens when something comes in the way; beside it, when it would run.
import { Button, Group, Modal, Stack, Switch, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Schedule, ScheduleFields } from '../../../shared/contract/schedules.ts';
import { api } from '../../api.ts';
import { catalogChanged } from '../../app/store.ts';
import { setUnsaved, useNavigation } from '../../navigation.ts';
import { useProfileList } from '../../profiles/store.ts';
import { ColourChoice } from '../../ui/ColourChoice.tsx';
import { useAction, useLoad } from '../../ui/loadable.ts';
import { Loaded } from '../../ui/Loaded.tsx';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { EditorActions } from './EditorActions.tsx';
import styles from './editor.module.css';
import { fieldsOfSchedule, formOf, problemsOf, suggestedName, toFields, type Problems, type ScheduleForm } from './form.ts';
import { NextRuns } from './NextRuns.tsx';
import { RulesFields } from './RulesFields.tsx';
import { closeScheduleEditor, useScheduleEditor, type Edited } from './store.ts';
import { WhatFields } from './WhatFields.tsx';
import { WhenFields } from './WhenFields.tsx';

export type FormPart = { form: ScheduleForm; patch: (change: Partial<ScheduleForm>) => void; problems: Problems };

export function ScheduleEditor() {
  const { edited, opened } = useScheduleEditor();
  return edited === null ? null : <Opened key={opened} edited={edited} />;
}

function Opened({ edited }: { edited: Edited }) {
  const [changed, setChanged] = useState(false);
  const [asking, setAsking] = useState(false);
  const scheduleId = 'scheduleId' in edited ? edited.scheduleId : null;
  const [schedule, again] = useLoad(scheduleId, () => api.schedules.get({ id: scheduleId ?? '' }));
  useUnsaved(changed);
  const close = () => (changed ? setAsking(true) : closeScheduleEditor());
  return (
    <>
      <Modal
        opened
        onClose={close}
        title={scheduleId === null ? 'New schedule' : schedule.status === 'ready' ? `Schedule ${schedule.value.name}` : 'Schedule'}
        size={1060}
        closeButtonProps={{ 'aria-label': 'Close' }}
        classNames={{ content: styles['content'] ?? '', body: styles['body'] ?? '' }}
      >
        {'draft' in edited ? (
          <Form schedule={null} start={edited.draft} onChanged={setChanged} onClose={close} />
        ) : (
          <Loaded of={schedule} what="the schedule" retry={again}>
            {(value) => <Form key={value.id} schedule={value} start={fieldsOfSchedule(value)} onChanged={setChanged} onClose={close} />}
          </Loaded>
        )}
      </Modal>
      {asking && (
        <Modal opened onClose={() => setAsking(false)} title="Close without saving?" closeButtonProps={{ 'aria-label': 'Close' }}>
          <Stack gap="md">
            <div>The schedule was changed, and the changes are not saved yet.</div>
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
                Keep editing
              </Button>
              <Button color="red" onClick={closeScheduleEditor}>
                Discard the changes
              </Button>
            </Group>
          </Stack>
        </Modal>
      )}
    </>
  );
}

/** Going to another page asks first; once that is answered with leaving, the editor closes. A form below it keeps its own word. */
function useUnsaved(changed: boolean): void {
  const [below] = useState(() => useNavigation.getState().unsaved);
  const { page, id } = useNavigation();
  const place = useRef(`${page} ${id}`);
  useEffect(() => {
    setUnsaved(changed || below);
    return () => setUnsaved(below);
  }, [changed, below]);
  useEffect(() => {
    if (place.current !== `${page} ${id}`) closeScheduleEditor();
  }, [page, id]);
}

function Form({
  schedule,
  start,
  onChanged,
  onClose,
}: {
  schedule: Schedule | null;
  start: Partial<ScheduleFields>;
  onChanged: (changed: boolean) => void;
  onClose: () => void;
}) {
  const profiles = useProfileList();
  const first = useMemo(() => withDefaults(formOf(start), schedule === null ? profiles : []), [start, schedule, profiles]);
  const [touched, setTouched] = useState<Partial<ScheduleForm>>({});
  const [tried, setTried] = useState(false);
  const { doing, run } = useAction();
  const profile = profiles.find((one) => one.id === (touched.profileId ?? first.profileId));
  const typed = { ...first, ...touched };
  // A new schedule is named after what it does until somebody names it.
  const form =
    schedule === null && typed.name === '' && touched.name === undefined
      ? { ...typed, name: suggestedName(typed, profile?.name ?? '') }
      : typed;
  const problems = problemsOf(form);
  const fields = toFields(form);
  const changed = schedule === null ? Object.keys(touched).length > 0 : same(form) !== same(first);
  const patch = (change: Partial<ScheduleForm>) => setTouched((now) => ({ ...now, ...change }));
  useEffect(() => onChanged(changed), [changed, onChanged]);

  const save = () => {
    setTried(true);
    if (fields === null || doing.status === 'busy') {
      requestAnimationFrame(() => document.querySelector<HTMLElement>(`.${styles['fields']} [aria-invalid='true']`)?.focus());
      return;
    }
    run(async () => {
      const saved =
        schedule === null
          ? await api.schedules.create({ schedule: fields })
          : await api.schedules.update({ id: schedule.id, schedule: fields });
      notifications.show({ message: `${saved.name} was saved: ${saved.words}` });
      catalogChanged();
      closeScheduleEditor();
    });
  };

  // What is only missing is said once saving was tried; what is wrong, at once.
  const shown: Problems = tried
    ? problems
    : Object.fromEntries(Object.entries(problems).filter(([key]) => key in touched && key !== 'scope'));
  return (
    <form
      noValidate
      className={styles['form']}
      aria-label={schedule === null ? 'New schedule' : `Schedule ${schedule.name}`}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <div className={styles['columns']}>
        <div className={styles['fields']}>
          <Stack gap="lg">
            <Group align="flex-end" gap="md" wrap="nowrap">
              <TextInput
                label="Name"
                value={form.name}
                onChange={(event) => patch({ name: event.currentTarget.value })}
                error={shown.name}
                maxLength={100}
                style={{ flex: 1 }}
                data-autofocus
              />
              <ColourChoice value={form.colour} onChange={(colour) => patch({ colour })} />
              <Switch
                label={form.enabled ? 'On' : 'Off'}
                aria-label="On"
                checked={form.enabled}
                onChange={(event) => patch({ enabled: event.currentTarget.checked })}
                w={62}
                pb={5}
              />
            </Group>
            <WhatFields form={form} patch={patch} problems={shown} profile={profile} />
            <WhenFields form={form} patch={patch} problems={shown} />
            <RulesFields form={form} patch={patch} problems={shown} />
          </Stack>
        </div>
        <NextRuns form={form} schedule={schedule} />
      </div>
      <div className={styles['footer']}>
        {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
        <Group gap="xs">
          {schedule !== null && <EditorActions schedule={schedule} changed={changed} />}
          <Button variant="default" onClick={onClose} ml="auto">
            Close
          </Button>
          <Button type="submit" disabled={schedule !== null && !changed} loading={doing.status === 'busy'}>
            {schedule === null ? 'Add the schedule' : 'Save changes'}
          </Button>
        </Group>
      </div>
    </form>
  );
}

/** Where there is only one profile, it is the one that is meant. */
function withDefaults(form: ScheduleForm, profiles: readonly { id: string }[]): ScheduleForm {
  const only = profiles.length === 1 ? profiles[0] : undefined;
  return form.kind === 'backup' && form.profileId === '' && only !== undefined ? { ...form, profileId: only.id } : form;
}

function same(form: ScheduleForm): string {
  return JSON.stringify({ ...form, backup: { ...form.backup, tables: [...form.backup.tables].toSorted() } });
}
