import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconCopy, IconDots, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { Schedule } from '../../../shared/contract/schedules.ts';
import { api } from '../../api.ts';
import { catalogChanged } from '../../app/store.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { fieldsOfSchedule } from './form.ts';
import { runNow } from './run-now.ts';
import { closeScheduleEditor, openScheduleEditor } from './store.ts';

/** What can be done with a schedule that is there. What acts on the saved one waits until changes are saved. */
export function EditorActions({ schedule, changed }: { schedule: Schedule; changed: boolean }) {
  const [removing, setRemoving] = useState(false);
  const wait = changed ? 'Save the changes first' : undefined;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconPlayerPlay size={15} />}
        disabled={changed}
        title={wait}
        onClick={() => {
          closeScheduleEditor();
          runNow(schedule);
        }}
      >
        Run now
      </Button>
      <Menu position="top-start">
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label="More for this schedule">
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconCopy size={15} />}
            disabled={changed}
            onClick={() => openScheduleEditor({ draft: { ...fieldsOfSchedule(schedule), name: `${schedule.name} (copy)`.slice(0, 100) } })}
          >
            Duplicate
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash size={15} />} color="red" onClick={() => setRemoving(true)}>
            Remove…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {removing && (
        <ConfirmDialog
          title={`Remove ${schedule.name}?`}
          action={`Remove ${schedule.name}`}
          typed={null}
          onClose={() => setRemoving(false)}
          onConfirm={async () => {
            await api.schedules.remove({ id: schedule.id });
            catalogChanged();
            closeScheduleEditor();
          }}
        >
          <div className="wrap">
            {schedule.task.kind === 'backup'
              ? `It will no longer back up ${schedule.profile} (${schedule.words}). Nothing else takes its place.`
              : `Cleanup will no longer run ${schedule.words}. Retention still runs after each backup.`}
          </div>
          <div>Its past runs stay in the calendar, and its backups stay where they are.</div>
        </ConfirmDialog>
      )}
    </>
  );
}
