import { ActionIcon, Select, Stack, TextInput } from '@mantine/core';
import { IconFolder } from '@tabler/icons-react';
import { api } from '../api.ts';
import { useLoad } from '../ui/loadable.ts';
import { Section } from '../ui/PageFrame.tsx';
import { isDesktop } from '../host.ts';
import type { FieldsPart } from './ConnectionFields.tsx';

export function ToolFields({ fields, patch }: FieldsPart) {
  const [clients] = useLoad('clients', () => api.profiles.clients());
  const found = clients.status === 'ready' ? clients.value : [];
  return (
    <Section title="Client tools and folder">
      <Stack gap="sm">
        <Select
          label="Client tools"
          description="pg_dump and friends. Automatic picks the version that fits server and target."
          data={[
            { value: '', label: 'Automatic' },
            ...found.map((client) => ({ value: client.directory, label: `PostgreSQL ${client.version}: ${client.directory}` })),
            ...(fields.clientDirectory !== '' && !found.some((client) => client.directory === fields.clientDirectory)
              ? [{ value: fields.clientDirectory, label: fields.clientDirectory }]
              : []),
          ]}
          value={fields.clientDirectory}
          onChange={(clientDirectory) => patch({ clientDirectory: clientDirectory ?? '' })}
        />
        <DirectoryInput
          label="Client tools folder, by hand"
          placeholder="e.g. /usr/lib/postgresql/17/bin"
          value={fields.clientDirectory}
          onChange={(clientDirectory) => patch({ clientDirectory })}
        />
        <DirectoryInput
          label="Backup folder"
          placeholder="the one of the settings"
          value={fields.backupDirectory}
          onChange={(backupDirectory) => patch({ backupDirectory })}
        />
      </Stack>
    </Section>
  );
}

/** A path typed by hand, or chosen with the system's picker where there is one. */
export function DirectoryInput({
  label,
  description,
  placeholder,
  value,
  onChange,
  onSettled,
}: {
  label: string;
  description?: string;
  placeholder?: string;
  value: string;
  onChange: (path: string) => void;
  /** The user left the field, pressed Enter or chose a folder. */
  onSettled?: (path: string) => void;
}) {
  const choose = async () => {
    const { path } = await api.app.chooseDirectory();
    if (path === null) return;
    onChange(path);
    onSettled?.(path);
  };
  return (
    <TextInput
      label={label}
      {...(description === undefined ? {} : { description })}
      {...(placeholder === undefined ? {} : { placeholder })}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onBlur={(event) => onSettled?.(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onSettled?.(event.currentTarget.value);
      }}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      rightSection={
        isDesktop() && (
          <ActionIcon size="sm" aria-label={`Choose: ${label}`} onClick={() => void choose().catch(() => undefined)}>
            <IconFolder size={15} />
          </ActionIcon>
        )
      }
    />
  );
}
