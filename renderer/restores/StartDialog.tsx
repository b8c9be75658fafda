import { api } from '../api.ts';
import { errorReport } from '../errors.ts';
import type { RestorePlan } from '../../shared/contract/restores.ts';
import { EnvironmentTag } from '../profiles/ProfileTag.tsx';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { Facts } from '../ui/Facts.tsx';
import { plural } from '../ui/format.ts';
import { Notice } from '../ui/Notice.tsx';
import { modeWords, mustType, type Request } from './request.ts';
import { useRestore } from './store.ts';

/** The one place from which a restore starts. */
export function StartDialog({
  name,
  request,
  plan,
  onStale,
  onClose,
}: {
  name: string;
  request: Request;
  plan: RestorePlan;
  onStale: () => void;
  onClose: () => void;
}) {
  const started = useRestore((state) => state.started);
  return (
    <ConfirmDialog
      title={`Restore into ${plan.database}?`}
      action={`Restore into ${plan.database}`}
      danger={plan.mode !== 'new'}
      typed={mustType(plan) ? { what: 'database name', value: plan.database } : null}
      onClose={onClose}
      onConfirm={async () => {
        try {
          started(await api.restores.start({ ...request, confirm: plan.database, fingerprint: plan.fingerprint }));
        } catch (thrown) {
          if (errorReport(thrown).code === 'PLAN_STALE') onStale();
          throw thrown;
        }
      }}
    >
      <Facts
        facts={{
          From: <span className="wrap">{name}</span>,
          'Into database': <strong className="mono wrap">{plan.database}</strong>,
          On: (
            <span>
              {plan.profile} <EnvironmentTag environment={plan.environment} /> <span className="dim">{plan.server}</span>
            </span>
          ),
          Tables: request.tables.length === 0 ? 'everything in the dump' : plural(request.tables.length, 'chosen table'),
          How: modeWords[plan.mode].name,
        }}
      />
      {plan.mode !== 'new' && <Notice tone={plan.mode === 'replaceInPlace' ? 'bad' : 'warn'}>{modeWords[plan.mode].means}</Notice>}
      {plan.otherSessions > 0 && plan.mode !== 'new' && (
        <Notice tone="warn">{plural(plan.otherSessions, 'other session')} on this database will be ended at the swap.</Notice>
      )}
      {!plan.safetyBackup && plan.mode !== 'new' && <Notice tone="bad">No safety backup will be made first.</Notice>}
    </ConfirmDialog>
  );
}
