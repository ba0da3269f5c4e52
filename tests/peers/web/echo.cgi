#!/bin/sh
# Answers a request with its own body.
printf 'Content-Type: text/plain\r\n\r\n'
exec cat
