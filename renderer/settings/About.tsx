import { Stack } from '@mantine/core';
import { loadInfo, useApp } from '../app/store.ts';
import { CopyText } from '../ui/CopyText.tsx';
import { Facts } from '../ui/Facts.tsx';
import { Loaded } from '../ui/Loaded.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Section } from '../ui/PageFrame.tsx';
import styles from './settings.module.css';

const stores = { keychain: 'the system’s keychain', 'encrypted-file': 'an encrypted file', memory: 'memory only, until Howdah ends' };

export function About() {
  const info = useApp((state) => state.info);
  return (
    <Section title="About">
      <Loaded of={info} what="information" retry={() => void loadInfo()}>
        {(value) => (
          <Stack gap="sm">
            {value.secrets.warning !== null && <Notice tone="warn">{value.secrets.warning}</Notice>}
            <Facts
              facts={{
                Howdah: `${value.version}, ${value.host} on ${value.platform}`,
                'Data folder': <CopyText text={value.homeDirectory} what="data folder" />,
                Passwords: `kept in ${stores[value.secrets.store]}`,
              }}
            />
            {value.settled.length > 0 && (
              <Notice tone="info" title="Settled at this start">
                <ul className={styles['problems']} aria-label="Settled at this start">
                  {value.settled.map((line) => (
                    <li key={line} className="wrap">
                      {line}
                    </li>
                  ))}
                </ul>
              </Notice>
            )}
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}
