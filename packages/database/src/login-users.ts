import pg from 'pg';
import { createDatabase } from './database.ts';

/** Who logs in, and the role that says what he may write. */
const ROLE_OF = {
  regime_service: 'quantum_regime',
  ai_service: 'quantum_ai',
  exec_risk_service: 'quantum_exec',
  analytics_os_service: 'quantum_analytics',
} as const;

export type LoginUser = keyof typeof ROLE_OF;
export type LoginPasswords = Readonly<Partial<Record<LoginUser, string>>>;

export interface LoginUsersOptions {
  /** Of a user who may create roles, in the migrated database. */
  readonly url: string;
  readonly passwords: LoginPasswords;
}

const isLoginUser = (name: string): name is LoginUser => name in ROLE_OF;

/**
 * Creates the services' login users, or sets the passwords of those that exist, and makes each a member of its role.
 *
 * Throws: AppError POSTGRES_UNREACHABLE; pg's error when the roles are missing because the migrations have not run.
 */
export const ensureLoginUsers = async ({ url, passwords }: LoginUsersOptions): Promise<void> => {
  const database = createDatabase({ url, applicationName: 'qt-login-users', maxConnections: 1, requiresSchema: false });
  try {
    await database.transaction(async (tx) => {
      for (const [name, password] of Object.entries(passwords)) {
        if (!isLoginUser(name)) continue;
        const { rowCount } = await tx.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
        const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
        await tx.query(`${verb} ROLE ${name} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
        await tx.query(`GRANT ${ROLE_OF[name]} TO ${name}`);
      }
    });
  } finally {
    await database.stop();
  }
};
