/** The HTTP rules of both builds: authorization, accepted content, and the answers to problems. */
package io.hipchatalerts.web;
