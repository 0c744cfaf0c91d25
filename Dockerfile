# One image for every process of the suite; compose and Kubernetes choose the command.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/kernel/package.json packages/kernel/
COPY packages/contracts/package.json packages/contracts/
COPY packages/market-math/package.json packages/market-math/
COPY packages/regime/package.json packages/regime/
COPY packages/regime-lab/package.json packages/regime-lab/
COPY packages/signals/package.json packages/signals/
COPY packages/risk/package.json packages/risk/
COPY packages/event-bus/package.json packages/event-bus/
COPY packages/database/package.json packages/database/
COPY packages/heavydb/package.json packages/heavydb/
COPY packages/exchange-client/package.json packages/exchange-client/
COPY packages/service-kit/package.json packages/service-kit/
COPY packages/testing/package.json packages/testing/
COPY packages/cli/package.json packages/cli/
COPY services/ai-service/package.json services/ai-service/
COPY services/exec-risk-service/package.json services/exec-risk-service/
COPY services/analytics-os-service/package.json services/analytics-os-service/
COPY services/regime-service/package.json services/regime-service/
COPY services/exchange-simulator/package.json services/exchange-simulator/
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim
# A small nursery keeps a service's memory where its work is; the default grows it by 100 MB for nothing.
ENV NODE_ENV=production NODE_OPTIONS=--max-semi-space-size=8
WORKDIR /app
COPY --from=dependencies /app ./
COPY config ./config
COPY packages ./packages
COPY services ./services
# A volume mounted here is born with this owner.
RUN mkdir /ledger /var/log/adaptive_regime && chown node:node /ledger /var/log/adaptive_regime
USER node
CMD ["node", "packages/cli/src/main.ts", "--help"]
