/** The HTTP rules of both builds: who may call, with which content, and how problems are answered. */
package io.hipchatalerts.web;
