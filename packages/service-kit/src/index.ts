export type { Component, ComponentCheck, IdleAnswer, IdleQuery } from './component.ts';
export { CommonConfig, commaList, loadConfig, ProcessConfig, secret } from './config.ts';
export { BROKEN_EXIT_CODE, CONFIG_FAULT_EXIT_CODE, UNAVAILABLE_EXIT_CODE } from './exit-codes.ts';
export { buildHttpApp, HttpServer, type LifecycleState, type ServiceView } from './http-server.ts';
export { createLogger, type LogFacts, type Logger, withLogFacts } from './logger.ts';
export { type CountedMetric, type MeasuredMetric, Metrics, type ObservedMetric } from './metrics.ts';
export { describePortOwner, type PortOwner, portOwner } from './port-owner.ts';
export { redact, redactText } from './redaction.ts';
export { type BuiltService, runService, type ServiceKit } from './run-service.ts';
