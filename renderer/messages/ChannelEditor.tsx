// One channel: just the fields that its kind needs, and of what it is told.
import {
  Button,
  Checkbox,
  Group,
  Modal,
  MultiSelect,
  NumberInput,
  PasswordInput,
  Select,
  Stack,
  Switch,
  TagsInput,
  TextInput,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { Channel } from '../../shared/contract/messages.ts';
import { api } from '../api.ts';
import { catalogChanged } from '../app/store.ts';
import { useAction, useLoad } from '../ui/loadable.ts';
import { ErrorNotice, Notice } from '../ui/Notice.tsx';
import {
  channelForm,
  channelInput,
  channelProblems,
  eventChoices,
  kinds,
  usualPort,
  type ChannelForm,
  type ChannelProblems,
} from './channel-form.ts';
import { ChannelIcon } from './ChannelIcon.tsx';
import styles from './messages.module.css';

type Part = { form: ChannelForm; patch: (change: Partial<ChannelForm>) => void; problems: ChannelProblems; holds: readonly string[] };

/** `channel` null: a new one. */
export function ChannelEditor({ channel, onClose }: { channel: Channel | null; onClose: () => void }) {
  const [form, setForm] = useState(() => channelForm(channel));
  const [tried, setTried] = useState(false);
  const [asking, setAsking] = useState(false);
  const { doing, run } = useAction();
  const holds = channel?.holds ?? [];
  const problems = channelProblems(form, holds);
  const changed = JSON.stringify(form) !== JSON.stringify(channelForm(channel));
  const patch = (change: Partial<ChannelForm>) => setForm((now) => ({ ...now, ...change }));
  const close = () => (changed && !asking ? setAsking(true) : onClose());
  const save = () => {
    setTried(true);
    if (Object.keys(problems).length > 0 || doing.status === 'busy') return;
    run(async () => {
      const input = channelInput(form);
      const saved =
        channel === null ? await api.messages.addChannel(input) : await api.messages.updateChannel({ id: channel.id, ...input });
      notifications.show({ message: `${saved.name} was saved. A test shows whether it works.` });
      catalogChanged();
      onClose();
    });
  };
  const part = { form, patch, problems: tried ? problems : {}, holds };
  return (
    <Modal
      opened
      onClose={close}
      title={channel === null ? 'New channel' : `Channel ${channel.name}`}
      size={720}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        noValidate
        aria-label={channel === null ? 'New channel' : `Channel ${channel.name}`}
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Stack gap="md">
          {channel === null && <KindChoice kind={form.kind} onChange={(kind) => patch({ kind })} />}
          <Group align="flex-end" gap="md" wrap="nowrap">
            <TextInput
              label="Name"
              placeholder="e.g. DBAs on call"
              maxLength={100}
              value={form.name}
              onChange={(event) => patch({ name: event.currentTarget.value })}
              error={part.problems.name}
              style={{ flex: 1 }}
              data-autofocus
            />
            <Switch
              label={form.enabled ? 'On' : 'Off'}
              aria-label="On"
              checked={form.enabled}
              onChange={(event) => patch({ enabled: event.currentTarget.checked })}
              w={62}
              pb={5}
            />
          </Group>
          <Target {...part} />
          {form.kind !== 'ping' && <Events {...part} />}
          <Schedules {...part} />
          {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
          {asking && (
            <Notice
              tone="warn"
              role="alert"
              title="The changes are not saved yet"
              actions={
                <Group gap="xs">
                  <Button variant="default" onClick={() => setAsking(false)}>
                    Keep editing
                  </Button>
                  <Button color="red" onClick={onClose}>
                    Discard the changes
                  </Button>
                </Group>
              }
            />
          )}
          <Group justify="flex-end" gap="xs" className={styles['footer'] ?? ''}>
            <Button variant="default" onClick={close}>
              Close
            </Button>
            <Button type="submit" disabled={channel !== null && !changed} loading={doing.status === 'busy'}>
              {channel === null ? 'Add the channel' : 'Save changes'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function KindChoice({ kind, onChange }: { kind: ChannelForm['kind']; onChange: (kind: ChannelForm['kind']) => void }) {
  return (
    <div className={styles['kinds']} role="radiogroup" aria-label="Kind">
      {kinds.map((one) => (
        <label key={one.value} className={styles['kind']} title={one.about}>
          <input type="radio" name="channel-kind" value={one.value} checked={one.value === kind} onChange={() => onChange(one.value)} />
          <ChannelIcon kind={one.value} />
          <span>{one.label}</span>
        </label>
      ))}
    </div>
  );
}

function Target(part: Part) {
  const { form, patch, problems } = part;
  switch (form.kind) {
    case 'email':
      return <Email {...part} />;
    case 'slack':
      return (
        <Secret
          {...part}
          name="url"
          label="Webhook address"
          hint="From the Slack app’s “Incoming Webhooks”: https://hooks.slack.com/services/…"
        />
      );
    case 'teams':
      return (
        <Secret
          {...part}
          name="url"
          label="Webhook address"
          hint="From the channel’s workflow “Post to a channel when a webhook request is received”"
        />
      );
    case 'discord':
      return (
        <Secret
          {...part}
          name="url"
          label="Webhook address"
          hint="From the channel’s settings, “Integrations”: https://discord.com/api/webhooks/…"
        />
      );
    case 'telegram':
      return (
        <>
          <Group grow align="flex-start" gap="sm">
            <Secret {...part} name="token" label="Bot token" hint="From @BotFather" />
            <TextInput
              label="Chat"
              description="Its number, or @name of a public channel"
              value={form.chatId}
              onChange={(event) => patch({ chatId: event.currentTarget.value })}
              error={problems.chatId}
              spellCheck={false}
            />
          </Group>
          <Secret {...part} name="apiBase" label="Another server of the Bot API" hint="Empty: api.telegram.org" />
        </>
      );
    case 'webhook':
      return (
        <>
          <Secret {...part} name="url" label="Address" hint="Gets a POST of JSON; tried again until it answers with 2xx" />
          <Secret
            {...part}
            name="signingKey"
            label="Signing key"
            hint="Signs each body (Howdah-Signature, HMAC-SHA256). Empty: not signed"
          />
        </>
      );
    case 'ping':
      return (
        <>
          <Secret
            {...part}
            name="url"
            label="Address"
            hint="As healthchecks.io gives it. It is asked for after each success, with /fail after a failure"
          />
          <Checkbox
            label="Also ping /start when a run begins"
            description="The other side can then tell how long runs take, and that one hangs"
            checked={form.withStart}
            onChange={(event) => patch({ withStart: event.currentTarget.checked })}
          />
        </>
      );
    case 'desktop':
      return <span className="dim">Shown while the desktop program runs on this machine, also from the tray. Nothing to fill in.</span>;
  }
}

const securities: { value: ChannelForm['security']; label: string }[] = [
  { value: 'starttls', label: 'STARTTLS: refuses without' },
  { value: 'tls', label: 'TLS from the first byte' },
  { value: 'none', label: 'None: only to this machine' },
];

function Email(part: Part) {
  const { form, patch, problems } = part;
  return (
    <>
      <Group align="flex-start" gap="sm" wrap="nowrap">
        <TextInput
          label="Mail server"
          placeholder="smtp.example.org"
          value={form.host}
          onChange={(event) => patch({ host: event.currentTarget.value })}
          error={problems.host}
          spellCheck={false}
          style={{ flex: 1 }}
        />
        <Select
          label="Encryption"
          data={securities}
          value={form.security}
          onChange={(value) => {
            const security = securities.find((one) => one.value === value)?.value ?? 'starttls';
            // The port follows while it is the usual one.
            patch({ security, ...(form.port === usualPort(form.security) ? { port: usualPort(security) } : {}) });
          }}
          w={220}
        />
        <NumberInput
          label="Port"
          min={1}
          max={65535}
          allowDecimal={false}
          hideControls
          value={form.port ?? ''}
          onChange={(port) => patch({ port: typeof port === 'number' ? port : null })}
          error={problems.port}
          w={80}
        />
      </Group>
      <Group grow align="flex-start" gap="sm">
        <TextInput
          label="User"
          placeholder="none"
          value={form.user}
          onChange={(event) => patch({ user: event.currentTarget.value })}
          spellCheck={false}
          autoComplete="off"
        />
        <Secret {...part} name="password" label="Password" hint={null} />
      </Group>
      <Group grow align="flex-start" gap="sm">
        <TextInput
          label="From"
          placeholder="backup@example.org"
          value={form.from}
          onChange={(event) => patch({ from: event.currentTarget.value })}
          error={problems.from}
          spellCheck={false}
        />
        <TagsInput
          label="To"
          placeholder={form.to.length === 0 ? 'dba@example.org, then Enter' : ''}
          value={form.to}
          onChange={(to) => patch({ to })}
          splitChars={[',', ';', ' ']}
          acceptValueOnBlur
          error={problems.to}
        />
      </Group>
      {form.security !== 'none' && (
        <TextInput
          label="Certificate of a private authority"
          placeholder="Path of a PEM file; empty: those of the system"
          value={form.caFile}
          onChange={(event) => patch({ caFile: event.currentTarget.value })}
          spellCheck={false}
        />
      )}
    </>
  );
}

function Secret({
  form,
  patch,
  problems,
  holds,
  name,
  label,
  hint,
}: Part & { name: keyof ChannelForm['secret']; label: string; hint: string | null }) {
  const stored = holds.includes(name);
  return (
    <PasswordInput
      label={label}
      {...(hint === null ? {} : { description: hint })}
      placeholder={stored ? 'On file. Leave it empty to keep it' : ''}
      value={form.secret[name]}
      onChange={(event) => patch({ secret: { ...form.secret, [name]: event.currentTarget.value.trim() } })}
      error={name === 'password' || name === 'signingKey' ? undefined : problems[name]}
      autoComplete="new-password"
      visibilityToggleButtonProps={{ 'aria-label': `Show ${label.toLowerCase()}` }}
    />
  );
}

function Events({ form, patch, problems }: Part) {
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

function Schedules({ form, patch }: Part) {
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
