// Before a preview starts: how long, how much room, and what would keep it from starting.
import { Button, Group, Loader, Select, Stack } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconListSearch } from '@tabler/icons-react';
import type { DumpSource } from '../../shared/contract/common.ts';
import type { PreviewEstimate } from '../../shared/contract/previews.ts';
import { api } from '../api.ts';
import { profileLabel } from '../profiles/ProfileTag.tsx';
import { useProfileList } from '../profiles/store.ts';
import type { TargetForm } from '../restores/request.ts';
import { ServerFailure } from '../sample/ServerFailure.tsx';
import { Facts } from '../ui/Facts.tsx';
import { bytes, count, duration } from '../ui/format.ts';
import { useLoad } from '../ui/loadable.ts';
import { ErrorNotice } from '../ui/Notice.tsx';
import { Section } from '../ui/PageFrame.tsx';
import styles from './previews.module.css';
import { toPreviewRequest, type Wanted } from './request.ts';
import { usePreview } from './store.ts';

export function EstimateView({
  form,
  patch,
  source,
  name,
  blocked,
}: {
  form: TargetForm;
  patch: (change: Partial<TargetForm>) => void;
  source: DumpSource;
  name: string;
  /** The dump itself cannot be restored. */
  blocked: boolean;
}) {
  const start = usePreview((state) => state.start);
  const wanted = toPreviewRequest(form, source);
  const wantedKey = wanted.ready ? JSON.stringify(wanted.request) : null;
  const [key] = useDebouncedValue(wantedKey, 300);
  const [loaded, again] = useLoad(key, (signal) => api.previews.estimate(JSON.parse(key ?? '{}') as Wanted, { signal }));
  const estimate = wantedKey === key ? loaded : ({ status: 'loading' } as const);
  const may = wanted.ready && estimate.status === 'ready' && estimate.value.blockers.length === 0 && !blocked;
  return (
    <>
      <Section title="The preview" actions={<span className="dim">changes nothing</span>}>
        {!wanted.ready && <span className="dim">{wanted.missing}</span>}
        {wanted.ready && estimate.status === 'loading' && (
          <Group gap="xs" role="status" c="dimmed">
            <Loader size="xs" aria-hidden />
            <span>Looking at the target. Nothing is changed.</span>
          </Group>
        )}
        {wanted.ready && estimate.status === 'failed' && <ServerFailure error={estimate.error} profileId={form.profileId} retry={again} />}
        {wanted.ready && estimate.status === 'ready' && <Ready estimate={estimate.value} form={form} patch={patch} retry={again} />}
      </Section>
      <Group justify="flex-end" gap="sm" className={styles['startBar'] ?? ''}>
        {blocked && <span className="dim">The dump itself cannot be restored: see what is in it.</span>}
        <Button
          leftSection={<IconListSearch size={15} />}
          disabled={!may}
          onClick={() =>
            wanted.ready &&
            start({
              wanted: wanted.request,
              name,
              choice: { strategy: form.strategy, tableStrategies: [], fillEmptyStrings: false },
              care: { safetyBackup: form.safetyBackup },
            })
          }
        >
          See what it would do
        </Button>
      </Group>
    </>
  );
}

function Ready({
  estimate,
  form,
  patch,
  retry,
}: {
  estimate: PreviewEstimate;
  form: TargetForm;
  patch: (change: Partial<TargetForm>) => void;
  retry: () => void;
}) {
  const elsewhere = form.stageOn !== null || estimate.blockers.some(({ code }) => code === 'STAGING_NOT_ALLOWED' || code === 'DISK_FULL');
  return (
    <Stack gap="sm">
      {estimate.blockers.map((blocker) => (
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
      {elsewhere && <StageOn form={form} patch={patch} />}
      <Facts
        facts={{
          Compares: `${count(estimate.tables)} ${estimate.tables === 1 ? 'table' : 'tables'}${estimate.rows === null ? '' : `, ${count(estimate.rows)} ${estimate.rows === 1 ? 'row' : 'rows'}`}`,
          Takes:
            estimate.seconds < 10 ? `about ${Math.max(1, Math.round(estimate.seconds))} s` : `about ${duration(estimate.seconds * 1000)}`,
          'Room at the server':
            estimate.serverFreeBytes === null
              ? `${bytes(estimate.bytes)}; how much is free cannot be seen from here`
              : `${bytes(estimate.bytes)} of ${bytes(estimate.serverFreeBytes)} free`,
          Locks: 'none stronger than SELECT takes: readers and writers go on',
        }}
      />
    </Stack>
  );
}

/** Another server to hold the rows: where the target's role may not, or its disk would not. */
function StageOn({ form, patch }: { form: TargetForm; patch: (change: Partial<TargetForm>) => void }) {
  const others = useProfileList().filter((profile) => profile.id !== form.profileId);
  return (
    <Select
      label="Compare on another server instead"
      description="In a throw-away database. You see the same differences, but the restore itself cannot be started from them."
      placeholder={others.length === 0 ? 'There is no other profile' : 'On the target itself'}
      disabled={others.length === 0}
      data={others.map((one) => ({ value: one.id, label: profileLabel(one) }))}
      value={form.stageOn}
      onChange={(stageOn) => patch({ stageOn })}
      clearable
    />
  );
}
