// The fields of each kind of channel: where its messages go.
import { Checkbox, Group, NumberInput, PasswordInput, Select, TagsInput, TextInput } from '@mantine/core';
import { usualPort, type ChannelForm, type ChannelPart } from './channel-form.ts';

export function Target(part: ChannelPart) {
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

function Email(part: ChannelPart) {
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
}: ChannelPart & { name: keyof ChannelForm['secret']; label: string; hint: string | null }) {
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
