/** The settings of contract and README, read and checked once, at start. */
package io.hipchatalerts.config;
