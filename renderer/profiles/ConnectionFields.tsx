import { Button, Group, NumberInput, PasswordInput, Select, SimpleGrid, Stack, TextInput } from '@mantine/core';
import type { ProfileFields } from '../../shared/contract/profiles.ts';
import { Section } from '../ui/PageFrame.tsx';
import { sslModeChoices, type PasswordChange } from './form.ts';

export type FieldsPart = { fields: ProfileFields; patch: (change: Partial<ProfileFields>) => void };

/** Empty fields mean what they mean to libpq: PG* variables, service file, ~/.pgpass, defaults. */
export function ConnectionFields({
  fields,
  patch,
  password,
  onPassword,
  hasPassword,
}: FieldsPart & { password: PasswordChange; onPassword: (change: PasswordChange) => void; hasPassword: boolean }) {
  const certificates =
    fields.sslMode === 'verify-ca' ||
    fields.sslMode === 'verify-full' ||
    fields.sslRootCert !== '' ||
    fields.sslCert !== '' ||
    fields.sslKey !== '';
  const stored = hasPassword && password.kind === 'keep';
  return (
    <Section title="Connection">
      <Stack gap="sm">
        <TextInput
          label="Name"
          placeholder="e.g. Shop, production"
          required
          maxLength={100}
          value={fields.name}
          onChange={(event) => patch({ name: event.currentTarget.value })}
        />
        <Group gap="sm" wrap="nowrap" align="flex-start">
          <TextInput
            label="Host"
            placeholder="localhost, an address, or a socket folder"
            value={fields.host}
            onChange={(event) => patch({ host: event.currentTarget.value })}
            spellCheck={false}
            style={{ flex: 1 }}
          />
          <NumberInput
            label="Port"
            placeholder="5432"
            min={1}
            max={65535}
            allowDecimal={false}
            hideControls
            value={fields.port ?? ''}
            onChange={(port) => patch({ port: typeof port === 'number' ? port : null })}
            w={110}
          />
        </Group>
        <SimpleGrid cols={2} spacing="sm">
          <TextInput
            label="Database"
            value={fields.database}
            onChange={(event) => patch({ database: event.currentTarget.value })}
            spellCheck={false}
          />
          <TextInput
            label="User"
            value={fields.user}
            onChange={(event) => patch({ user: event.currentTarget.value })}
            spellCheck={false}
            autoComplete="off"
          />
        </SimpleGrid>
        <Group align="flex-end" gap="xs" wrap="nowrap">
          <PasswordInput
            label="Password"
            description={
              password.kind === 'forget'
                ? 'Will be forgotten when you save.'
                : stored
                  ? 'One is stored. Leave this empty to keep it.'
                  : 'Goes into the secret store. Empty: ~/.pgpass is asked, as libpq does.'
            }
            placeholder={stored ? '••••••••' : ''}
            value={password.kind === 'set' ? password.password : ''}
            onChange={(event) =>
              onPassword(event.currentTarget.value === '' ? { kind: 'keep' } : { kind: 'set', password: event.currentTarget.value })
            }
            autoComplete="new-password"
            style={{ flex: 1 }}
            visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
          />
          {stored && (
            <Button variant="default" onClick={() => onPassword({ kind: 'forget' })}>
              Forget password
            </Button>
          )}
          {password.kind === 'forget' && (
            <Button variant="default" onClick={() => onPassword({ kind: 'keep' })}>
              Keep it
            </Button>
          )}
        </Group>
        <SimpleGrid cols={2} spacing="sm">
          <Select
            label="Encryption (sslmode)"
            data={sslModeChoices}
            value={fields.sslMode}
            onChange={(mode) => patch({ sslMode: sslModeChoices.find((choice) => choice.value === mode)?.value ?? 'prefer' })}
          />
          <TextInput
            label="Service"
            placeholder="from pg_service.conf"
            value={fields.service}
            onChange={(event) => patch({ service: event.currentTarget.value })}
            spellCheck={false}
          />
        </SimpleGrid>
        {(certificates || fields.sslMode === 'require') && (
          <SimpleGrid cols={3} spacing="sm">
            <TextInput
              label="Root certificate"
              placeholder="path of root.crt"
              value={fields.sslRootCert}
              onChange={(event) => patch({ sslRootCert: event.currentTarget.value })}
              spellCheck={false}
            />
            <TextInput
              label="Client certificate"
              placeholder="path"
              value={fields.sslCert}
              onChange={(event) => patch({ sslCert: event.currentTarget.value })}
              spellCheck={false}
            />
            <TextInput
              label="Client key"
              placeholder="path"
              value={fields.sslKey}
              onChange={(event) => patch({ sslKey: event.currentTarget.value })}
              spellCheck={false}
            />
          </SimpleGrid>
        )}
      </Stack>
    </Section>
  );
}
