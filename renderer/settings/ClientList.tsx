import { Button } from '@mantine/core';
import { api } from '../api.ts';
import { useLoad } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Section } from '../ui/PageFrame.tsx';
import styles from './settings.module.css';

const sources = { path: 'on the PATH', 'known-folder': 'usual folder', 'by-hand': 'set by hand' };

export function ClientList() {
  const [clients, again] = useLoad('clients', () => api.profiles.clients());
  return (
    <Section
      title="PostgreSQL client tools on this machine"
      flush
      actions={
        <Button variant="subtle" onClick={again}>
          Look again
        </Button>
      }
    >
      <Loaded of={clients} what="client tools" retry={again}>
        {(found) =>
          found.length === 0 ? (
            <Notice tone="warn" title="None found">
              Install the PostgreSQL client of your server’s version or newer, for example with{' '}
              <span className="mono">apt install postgresql-client</span>.
            </Notice>
          ) : (
            <table className={styles['clients']} aria-label="Client tools">
              <thead>
                <tr>
                  <th scope="col">Version</th>
                  <th scope="col">Folder</th>
                  <th scope="col">Programs</th>
                  <th scope="col">Found</th>
                </tr>
              </thead>
              <tbody>
                {found.map((client) => (
                  <tr key={client.directory}>
                    <td>{client.version}</td>
                    <td className="mono cut" title={client.directory}>
                      {client.directory}
                    </td>
                    <td className="cut" title={client.programs.join(', ')}>
                      {client.programs.join(', ')}
                    </td>
                    <td>{sources[client.source]}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </Section>
  );
}
