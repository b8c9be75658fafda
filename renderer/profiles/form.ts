// The profile form as data.
import type { Profile, ProfileFields } from '../../shared/contract/profiles.ts';

export const sslModeChoices: { value: ProfileFields['sslMode']; label: string }[] = [
  { value: 'disable', label: 'disable: never encrypted' },
  { value: 'allow', label: 'allow: only if the server insists' },
  { value: 'prefer', label: 'prefer: encrypted where possible' },
  { value: 'require', label: 'require: encrypted, server not checked' },
  { value: 'verify-ca', label: 'verify-ca: certificate checked' },
  { value: 'verify-full', label: 'verify-full: certificate and name checked' },
];

export const environmentChoices: { value: ProfileFields['environment']; label: string }[] = [
  { value: 'production', label: 'Production' },
  { value: 'staging', label: 'Staging' },
  { value: 'development', label: 'Development' },
  { value: 'other', label: 'Other' },
];

/** What becomes of the stored password on saving. */
export type PasswordChange = { kind: 'keep' } | { kind: 'set'; password: string } | { kind: 'forget' };

export const freshProfile: ProfileFields = {
  name: '',
  host: '',
  port: null,
  user: '',
  database: '',
  sslMode: 'prefer',
  sslRootCert: '',
  sslCert: '',
  sslKey: '',
  service: '',
  environment: 'other',
  colour: '#4c6ef5',
  clientDirectory: '',
  backupDirectory: '',
  quickExcludePatterns: [],
};

export function fieldsOf(profile: Profile): ProfileFields {
  const { id: _id, createdAt: _createdAt, updatedAt: _updatedAt, hasPassword: _hasPassword, ...fields } = profile;
  return fields;
}

/** `undefined` leaves the password as it is, null forgets it. */
export function passwordInput(change: PasswordChange): { password?: string | null } {
  switch (change.kind) {
    case 'keep':
      return {};
    case 'set':
      return { password: change.password };
    case 'forget':
      return { password: null };
  }
}
