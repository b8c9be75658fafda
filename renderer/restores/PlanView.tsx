import { Button, Group, Loader, Stack } from '@mantine/core';
import type { DumpProblem } from '../../shared/contract/dumps.ts';
import type { RestorePlan } from '../../shared/contract/restores.ts';
import { ServerFailure } from '../sample/ServerFailure.tsx';
import { Facts } from '../ui/Facts.tsx';
import { bytes, count, shortVersion } from '../ui/format.ts';
import type { Loadable } from '../ui/loadable.ts';
import { ErrorNotice, Notice } from '../ui/Notice.tsx';
import { Section } from '../ui/PageFrame.tsx';
import { Tag } from '../ui/Tag.tsx';
import { modeWords } from './request.ts';
import styles from './restores.module.css';

/** What a restore would do, in order, and what stands in its way. `plan` null: something is missing. */
export function PlanView({
  plan,
  told,
  profileId,
  missing,
  retry,
}: {
  plan: Loadable<RestorePlan> | null;
  /** What the dump's own view says already: the plan need not say it again. */
  told: readonly DumpProblem[];
  profileId: string;
  missing: string;
  retry: () => void;
}) {
  return (
    <Section title="The plan" actions={plan?.status === 'ready' && <strong>{modeWords[plan.value.mode].name}</strong>}>
      {plan === null && <span className="dim">{missing}</span>}
      {plan?.status === 'loading' && (
        <Group gap="xs" role="status" c="dimmed">
          <Loader size="xs" aria-hidden />
          <span>Looking at the target. Nothing is changed.</span>
        </Group>
      )}
      {plan?.status === 'failed' && <ServerFailure error={plan.error} profileId={profileId} retry={retry} />}
      {plan?.status === 'ready' && <Ready plan={plan.value} told={told} retry={retry} />}
    </Section>
  );
}

function Ready({ plan, told, retry }: { plan: RestorePlan; told: readonly DumpProblem[]; retry: () => void }) {
  const isTold = ({ message }: { message: string }) => told.some((problem) => message.startsWith(problem.message));
  return (
    <Stack gap="sm">
      {plan.blockers
        .filter((blocker) => !isTold(blocker))
        .map((blocker) => (
          <ErrorNotice
            key={`${blocker.code} ${blocker.message}`}
            error={blocker}
            action={
              <Button variant="default" onClick={retry}>
                Look again
              </Button>
            }
          />
        ))}
      {plan.warnings
        .filter((warning) => !isTold(warning))
        .map((warning) => (
          <Notice key={`${warning.code} ${warning.message}`} tone="warn">
            {warning.message}
          </Notice>
        ))}
      <div className="dim">{modeWords[plan.mode].means}</div>
      <ol className={styles['steps']} aria-label="Steps">
        {plan.steps.map((step, index) => (
          <li key={`${index} ${step}`} className="wrap">
            {step}
          </li>
        ))}
      </ol>
      <Facts
        facts={{
          Server: `${plan.server}, PostgreSQL ${shortVersion(plan.serverVersion)}`,
          Client: `pg_restore ${plan.clientVersion}`,
          'Target now': plan.databaseExists ? bytes(plan.databaseSizeBytes) : 'does not exist',
          'Other sessions': plan.otherSessions > 0 ? count(plan.otherSessions) : null,
          'Missing roles': plan.missingRoles.length === 0 ? null : <Names names={plan.missingRoles} />,
          'Missing extensions': plan.missingExtensions.length === 0 ? null : <Names names={plan.missingExtensions} />,
          'Safety backup': plan.safetyBackup ? 'made first' : 'none',
        }}
      />
    </Stack>
  );
}

function Names({ names }: { names: readonly string[] }) {
  return (
    <Group gap={4}>
      {names.map((name) => (
        <Tag key={name} tone="warn" title={name}>
          <span className="mono cut">{name}</span>
        </Tag>
      ))}
    </Group>
  );
}
