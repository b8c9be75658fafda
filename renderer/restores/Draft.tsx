// The dump on the left, the target on the right, the plan below it: everything a person has to see before saying yes.
import { Button, Group, Stack } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconDatabaseImport } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '../api.ts';
import { EstimateView } from '../previews/EstimateView.tsx';
import { HowChoice } from '../previews/HowChoice.tsx';
import { useProfileList } from '../profiles/store.ts';
import { useLoad } from '../ui/loadable.ts';
import { DumpView } from './DumpView.tsx';
import { PlanView } from './PlanView.tsx';
import { toRequest, type Request } from './request.ts';
import styles from './restores.module.css';
import { StartDialog } from './StartDialog.tsx';
import { useRestore, type Inspected } from './store.ts';
import { TargetChoice } from './TargetChoice.tsx';

export function Draft({ chosen }: { chosen: Inspected }) {
  const { source, name, dump, form: typed } = chosen;
  const patch = useRestore((state) => state.aim);
  const profiles = useProfileList();
  // Never the production server just because it comes first.
  const harmless = profiles.find((profile) => profile.environment !== 'production');
  const form = typed.profileId === '' ? { ...typed, profileId: harmless?.id ?? '' } : typed;
  const [asking, setAsking] = useState(false);
  const rowByRow = form.target === 'existing' && form.how === 'rows';

  const wanted = toRequest(form, source);
  const wantedKey = wanted.ready && !rowByRow ? JSON.stringify(wanted.request) : null;
  const [settledKey] = useDebouncedValue(wantedKey, 300);
  const [plan, again] = useLoad(settledKey, (signal) => api.restores.plan(JSON.parse(settledKey ?? '{}') as Request, { signal }));
  const settled = wantedKey === settledKey;
  const blocked = dump.problems.some((problem) => problem.severity === 'blocker');
  const mayStart = wanted.ready && settled && plan.status === 'ready' && plan.value.blockers.length === 0 && !blocked;

  return (
    <div className={styles['columns']}>
      <DumpView source={source} dump={dump} form={form} patch={patch} />
      <Stack gap="md">
        <TargetChoice form={form} patch={patch} />
        {form.target === 'existing' && <HowChoice form={form} patch={patch} tables={dump.tables} />}
        {rowByRow ? (
          <EstimateView form={form} patch={patch} source={source} name={name} blocked={blocked} />
        ) : (
          <>
            <PlanView
              told={dump.problems}
              profileId={form.profileId}
              plan={wanted.ready ? (settled ? plan : { status: 'loading' }) : null}
              missing={wanted.ready ? '' : wanted.missing}
              retry={again}
            />
            <Group justify="flex-end" gap="sm">
              {blocked && <span className="dim">The dump itself cannot be restored: see what is in it.</span>}
              {!blocked && plan.status === 'ready' && settled && plan.value.blockers.length > 0 && (
                <span className="dim">The plan names what is in the way.</span>
              )}
              <Button leftSection={<IconDatabaseImport size={15} />} disabled={!mayStart} onClick={() => setAsking(true)} maw="100%">
                {wanted.ready ? `Restore into ${wanted.request.database}…` : 'Restore…'}
              </Button>
            </Group>
          </>
        )}
      </Stack>
      {asking && wanted.ready && plan.status === 'ready' && (
        <StartDialog name={name} request={wanted.request} plan={plan.value} onStale={again} onClose={() => setAsking(false)} />
      )}
    </div>
  );
}
