import { Button, Loader, Stack } from '@mantine/core';
import type { BackupPlan } from '../../shared/contract/backups.ts';
import { go } from '../navigation.ts';
import { ServerFailure } from '../sample/ServerFailure.tsx';
import { CopyText } from '../ui/CopyText.tsx';
import { Facts } from '../ui/Facts.tsx';
import { bytes, count, plural, shortVersion } from '../ui/format.ts';
import type { Loadable } from '../ui/loadable.ts';
import { Notice } from '../ui/Notice.tsx';
import styles from './backups.module.css';
import { useBackups } from './store.ts';

/** What would run, computed by the engine without running it. `plan` null: something has to be chosen first. */
export function PlanPreview({
  plan,
  retry,
  quickWithoutPatterns,
  profileId,
}: {
  plan: Loadable<BackupPlan> | null;
  retry: () => void;
  quickWithoutPatterns: boolean;
  profileId: string;
}) {
  const closeDialog = useBackups((state) => state.closeDialog);
  return (
    <section className={styles['plan']} aria-label="Plan" aria-busy={plan?.status === 'loading'}>
      <h2>What will run {plan?.status === 'loading' && <Loader size={14} role="status" aria-label="Working out the plan" />}</h2>
      {plan === null && <p className="dim">Choose at least one schema or table.</p>}
      {plan?.status === 'loading' && <p className="dim">Asking the server and choosing the client…</p>}
      {plan?.status === 'failed' && <ServerFailure error={plan.error} profileId={profileId} retry={retry} />}
      {plan?.status === 'ready' && <Ready plan={plan.value} />}
      {quickWithoutPatterns && (
        <Notice tone="info" title="This profile has no quick-backup patterns yet">
          <Button
            variant="default"
            mt={6}
            onClick={() => {
              closeDialog();
              go('profiles', profileId);
            }}
          >
            Choose them on the profile
          </Button>
        </Notice>
      )}
    </section>
  );
}

function Ready({ plan }: { plan: BackupPlan }) {
  return (
    <Stack gap="sm">
      {plan.warnings.map((warning) => (
        <Notice key={`${warning.code} ${warning.message}`} tone="warn">
          {warning.message}
        </Notice>
      ))}
      <Facts
        facts={{
          Database: <span className="mono">{plan.database}</span>,
          Server: `PostgreSQL ${shortVersion(plan.serverVersion)}`,
          Client: <span title={plan.client.directory}>pg_dump {plan.client.version}</span>,
          Format: plan.jobs > 1 ? `${plan.format}, ${plural(plan.jobs, 'job')}` : plan.format,
          Compression: plan.compression,
          'To read': `${bytes(plan.estimatedBytes)} in ${plural(plan.tables, 'table')}`,
          'Free on disk': bytes(plan.freeBytes),
          Folder: <span className="mono">{plan.directory}</span>,
        }}
      />
      {plan.excludedTables.length > 0 && (
        <div>
          <div className="dim">Rows left out of {plural(plan.excludedTables.length, 'table')}:</div>
          <div className={`mono ${styles['excluded']}`}>
            {plan.excludedTables.slice(0, 40).map((table) => (
              <div key={`${table.schema}.${table.table}`} className="cut" title={`${table.schema}.${table.table}`}>
                {table.schema}.{table.table}
              </div>
            ))}
            {plan.excludedTables.length > 40 && <div>and {count(plan.excludedTables.length - 40)} more</div>}
          </div>
        </div>
      )}
      <div>
        <div className="dim">Command</div>
        <CopyText text={plan.command} what="command" />
      </div>
    </Stack>
  );
}
