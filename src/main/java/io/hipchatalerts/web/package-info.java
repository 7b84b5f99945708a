/** What HTTP means here, whoever carries it: who may call, with what, and how problems are answered. */
package io.hipchatalerts.web;
