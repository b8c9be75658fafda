import { Button, Group, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '../api.ts';
import { useAction } from '../ui/loadable.ts';
import { ErrorNotice } from '../ui/Notice.tsx';
import { Section } from '../ui/PageFrame.tsx';

type Parsed = Awaited<ReturnType<typeof api.profiles.parseUrl>>;

/** Takes a whole connection string apart. It is hidden like a password, because it usually holds one. */
export function UrlPaste({ onParsed }: { onParsed: (parsed: Parsed) => void }) {
  const [url, setUrl] = useState('');
  const { doing, run } = useAction();
  const parse = (text: string) =>
    run(async () => {
      onParsed(await api.profiles.parseUrl({ url: text }));
      setUrl('');
    });
  return (
    <Section title="Have a connection URL? Paste it">
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <PasswordInput
          label="Connection URL"
          description="postgresql://, postgres:// or key=value; the fields below are filled from it"
          placeholder="postgresql://user:password@host:5432/database"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          onPaste={(event) => {
            const text = event.clipboardData.getData('text').trim();
            if (text === '') return;
            event.preventDefault();
            setUrl(text);
            parse(text);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            if (url !== '') parse(url);
          }}
          autoComplete="off"
          style={{ flex: 1 }}
          visibilityToggleButtonProps={{ 'aria-label': 'Show the URL' }}
        />
        <Button variant="default" disabled={url === ''} loading={doing.status === 'busy'} onClick={() => parse(url)}>
          Fill in
        </Button>
      </Group>
      {doing.status === 'failed' && (
        <div style={{ marginTop: 10 }}>
          <ErrorNotice error={doing.error} />
        </div>
      )}
    </Section>
  );
}
